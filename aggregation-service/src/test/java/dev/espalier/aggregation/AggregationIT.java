package dev.espalier.aggregation;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.DEADLINE;
import static dev.espalier.aggregation.TinyModel.EVE;
import static dev.espalier.aggregation.TinyModel.invitation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.postgres.testing.RealPostgres;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateReceipt;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.transfer.Digests;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@SpringBootTest(
        classes = AggregationApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "spring.config.name=aggregation-service")
@RealPostgres
class AggregationIT {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final AggregationSpec HEAD_WEIGHTED =
            new AggregationSpec.HeadWeighted(null, 50.0);

    @TempDir static Path folder;
    private static FakeRegistry registry;

    @LocalServerPort int port;

    private final RoundId round = new RoundId(UUID.randomUUID());
    private Service service;
    private Path parent;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry settings) throws IOException {
        registry = new FakeRegistry();
        registry.holdTinyModel(Files.createDirectories(folder.resolve("models")));
        settings.add("espalier.registry.url", () -> registry.url());
        settings.add("espalier.registry.attempts", () -> 1);
        settings.add("espalier.storage.folder", () -> folder.resolve("service"));
        settings.add("espalier.intake.size-overhead", () -> "64KB");
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void start() {
        service = new Service(port);
        parent = folder.resolve("models/adapter_model.safetensors");
    }

    @AfterEach
    void heal() {
        registry.unwell(false);
    }

    @Test
    void openingTwiceIsOpeningOnce() {
        RoundSession session = session(ADA, BOB);

        assertThat(service.open(session).status()).isEqualTo(201);
        assertThat(service.open(session).status()).isEqualTo(200);
        assertThat(service.view(round).updates())
                .extracting(UpdateView::agent, UpdateView::state)
                .containsExactly(tuple(ADA, UpdateState.MISSING), tuple(BOB, UpdateState.MISSING));
    }

    @Test
    void theOrderOfTheCohortDoesNotMatter() {
        service.open(session(ADA, BOB));

        assertThat(service.open(session(BOB, ADA)).status()).isEqualTo(200);
    }

    @Test
    void anotherSessionUnderTheSameNameContradicts() {
        service.open(session(ADA, BOB));

        Service.Answer answer = service.open(session(ADA));

        assertThat(answer.problem()).isEqualTo(ProblemType.CONTRADICTS_EARLIER_REQUEST);
    }

    @Test
    void aSessionThatCannotBeIsRefused() {
        String good = JSON.writeValueAsString(session(ADA));
        String path = "/api/v1/rounds/" + round;

        assertThat(
                        service.json("PUT", path, good.replaceFirst("\\{", "{\"surprise\":1,"))
                                .problem())
                .isEqualTo(ProblemType.UNKNOWN_FIELD);
        assertThat(service.json("PUT", path, "{}").problem()).isEqualTo(ProblemType.INVALID_VALUE);
        assertThat(service.json("PUT", path, good.replace("filter@1", "filter@77")).problem())
                .isEqualTo(ProblemType.UNKNOWN_MODEL);
        assertThat(service.json("PUT", path, good.replace("\"query\"", "\"nowhere\"")).problem())
                .isEqualTo(ProblemType.MODEL_DOES_NOT_FIT);
        assertThat(service.json("PUT", "/api/v1/rounds/" + UUID.randomUUID(), good).problem())
                .isEqualTo(ProblemType.INVALID_VALUE);
        assertThat(service.get("/api/v1/rounds/no-uuid").status()).isEqualTo(422);
        assertThat(service.get(path).problem()).isEqualTo(ProblemType.NOT_FOUND);
    }

    @Test
    void aRoundGoesFromUpdatesToAVersion() throws IOException {
        service.open(session(ADA, BOB));
        service.handIn(round, ADA, update(ADA, 30, 1));
        service.handIn(round, BOB, update(BOB, 10, 2));

        Service.Answer sealed = service.seal(round);
        RoundSessionView view = service.await(round, one -> one.state() == State.PUBLISHED);

        assertThat(sealed.status()).isEqualTo(202);
        VersionManifest version = registry.version(view.published());
        assertThat(version.kind()).isEqualTo(VersionKind.ADAPTER);
        assertThat(version.base()).isEqualTo(TinyModel.BASE);
        assertThat(version.lineage())
                .isEqualTo(
                        new Lineage(
                                TinyModel.PARENT,
                                TinyModel.JOB,
                                round,
                                1,
                                List.of(
                                        new Lineage.Contributor(ADA, 30),
                                        new Lineage.Contributor(BOB, 10))));
        assertThat(version.files())
                .extracting(file -> file.path())
                .containsExactly("adapter_config.json", "adapter_model.safetensors");
        assertThat(service.seal(round).status()).isEqualTo(202);
        assertThat(service.cancel(round).problem())
                .isEqualTo(ProblemType.CONTRADICTS_EARLIER_REQUEST);
        assertThat(folder.resolve("service/updates/" + round)).doesNotExist();
    }

    @Test
    void aRoundWithoutUpdatesIsVoid() {
        service.open(session(ADA));
        service.seal(round);

        RoundSessionView view = service.await(round, one -> one.state() == State.VOID);

        assertThat(view.reason()).isNotBlank();
        assertThat(view.published()).isNull();
    }

    @Test
    void aRuleThatWeighsHeadsNeedsThemToBeChosen() {
        RoundSession session = TinyModel.with(HEAD_WEIGHTED, session(ADA));

        assertThat(service.open(session).problem()).isEqualTo(ProblemType.COMBINATION_REFUSED);
    }

    @Test
    void anAllowanceIsPartOfWhatWasAgreed() {
        service.open(choosing(new HeadAllowance(2, Map.of(TinyModel.BLOCK, List.of(1)))));

        assertThat(
                        service.open(
                                        choosing(
                                                new HeadAllowance(
                                                        2, Map.of(TinyModel.BLOCK, List.of(1)))))
                                .status())
                .isEqualTo(200);
        assertThat(service.open(choosing(new HeadAllowance(2, Map.of()))).problem())
                .isEqualTo(ProblemType.CONTRADICTS_EARLIER_REQUEST);
        assertThat(service.open(choosing(new HeadAllowance(0, Map.of()))).problem())
                .isEqualTo(ProblemType.INVALID_VALUE);
    }

    @Test
    void anAgentThatKeptTheWrongHeadsReadsWhichAndCorrectsItself() throws IOException {
        service.open(choosing(new HeadAllowance(2, Map.of(TinyModel.BLOCK, List.of(1)))));
        Scope wrong = TinyModel.heads(List.of(0), List.of(0));
        Scope right = TinyModel.heads(List.of(1), List.of(0));

        Service.Answer refused = service.handIn(round, ADA, update(ADA, wrong, 30, 1));
        Service.Answer taken = service.handIn(round, ADA, update(ADA, right, 30, 1));
        service.seal(round);
        RoundSessionView view = service.await(round, one -> one.state() == State.PUBLISHED);

        assertThat(refused.problem()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(refused.body(Problem.class).detail())
                .contains("head 1 of " + TinyModel.BLOCK + " had to be kept");
        assertThat(taken.status()).isEqualTo(201);
        assertThat(view.updates().getFirst().keptHeads()).isEqualTo(2);
        assertThat(view.heads())
                .extracting(RoundSessionView.BlockHeads::contributors)
                .containsExactly(List.of(0, 1), List.of(1, 0));
    }

    @Test
    void aRoundWithoutPrunedHeadsSpeaksOfNone() throws IOException {
        service.open(session(ADA));
        service.handIn(round, ADA, update(ADA, 30, 1));
        service.seal(round);

        RoundSessionView view = service.await(round, one -> one.state() == State.PUBLISHED);

        assertThat(view.heads()).isNull();
        assertThat(view.updates().getFirst().keptHeads()).isNull();
    }

    @Test
    void whatComponentsAreWorthGoesFromVersionToVersion() throws IOException {
        Scope first = components(List.of(0));
        RoundSession session = ranked(round, TinyModel.PARENT, invitation(ADA, first));
        service.open(session);
        service.handIn(round, ADA, update(ADA, first, 30, 1));
        service.seal(round);
        RoundSessionView view = service.await(round, one -> one.state() == State.PUBLISHED);

        RoundId next = new RoundId(UUID.randomUUID());
        Scope second = components(List.of(1));
        service.open(ranked(next, view.published(), invitation(ADA, second)));
        service.handIn(next, ADA, update(next, view.published(), second));
        service.seal(next);
        RoundSessionView after = service.await(next, one -> one.state() == State.PUBLISHED);

        assertThat(view.updates().getFirst().keptComponents()).isEqualTo(6);
        RoundSessionView.ModuleComponents query = view.components().get(1);
        assertThat(query.module()).isEqualTo(TinyModel.QUERY);
        assertThat(query.contributors()).containsExactly(1, 0);
        assertThat(query.age()).containsExactly(0, 1);
        assertThat(query.importance().get(0)).isPositive();
        assertThat(query.importance().get(1)).isZero();
        RoundSessionView.ModuleComponents later = after.components().get(1);
        assertThat(later.age()).containsExactly(1, 0);
        assertThat(later.importance().get(0)).isEqualTo(query.importance().get(0));
        assertThat(later.importance().get(1)).isPositive();
        assertThat(registry.version(after.published()).files())
                .extracting(file -> file.path())
                .containsExactly(
                        "adapter_config.json",
                        "adapter_model.safetensors",
                        "aggregation_state.safetensors");
        assertThat(service.open(session).status()).isEqualTo(200);
    }

    @Test
    void updatesOfFewerBitsAreTakenAndCombined() throws IOException {
        RoundSession.Invitation plain = invitation(ADA, Scope.whole());
        RoundSession.Invitation eight =
                new RoundSession.Invitation(
                        ADA, plain.tokenHash(), plain.scope(), null, new UploadPlan(8, null));
        service.open(TinyModel.session(round, DEADLINE, eight));
        List<MaskedTensor> tensors = TinyModel.tensors(parent, Scope.whole(), 5);
        Map<String, List<Integer>> bits = Quantised.bits(TinyModel.layout(), tensors, 8);
        String manifest =
                JSON.writeValueAsString(
                        Quantised.manifest(
                                TinyModel.manifest(round, ADA, Scope.whole(), 30), bits, 0.25));
        Path file = folder.resolve("quantised");
        TinyModel.write(file, manifest, Quantised.of(TinyModel.layout(), tensors, bits));

        Service.Answer plainly = service.handIn(round, ADA, update(ADA, 30, 5));
        Service.Answer taken = service.handIn(round, ADA, Files.readAllBytes(file));
        service.seal(round);
        RoundSessionView view = service.await(round, one -> one.state() == State.PUBLISHED);

        assertThat(plainly.body(Problem.class).detail()).contains("quantisation is missing");
        assertThat(taken.status()).isEqualTo(201);
        UpdateView update = view.updates().getFirst();
        assertThat(update.quantisationError()).isEqualTo(0.25);
        assertThat(update.keptComponents()).isEqualTo(12);
        assertThat(view.components()).isNull();
        assertThat(service.open(TinyModel.session(round, DEADLINE, plain)).problem())
                .isEqualTo(ProblemType.CONTRADICTS_EARLIER_REQUEST);
    }

    @Test
    void anUploadThatCannotBeIsRefused() {
        RoundSession.Invitation plain = invitation(ADA, Scope.whole());
        for (UploadPlan plan :
                List.of(
                        new UploadPlan(null, null),
                        new UploadPlan(8, 100L),
                        new UploadPlan(7, null),
                        new UploadPlan(null, -1L))) {
            RoundSession.Invitation wrong =
                    new RoundSession.Invitation(ADA, plain.tokenHash(), plain.scope(), null, plan);
            assertThat(service.open(TinyModel.session(round, DEADLINE, wrong)).problem())
                    .isEqualTo(ProblemType.INVALID_VALUE);
        }
    }

    @Test
    void aCancelledRoundForgetsItsUpdates() throws IOException {
        service.open(session(ADA));
        service.handIn(round, ADA, update(ADA, 30, 1));

        assertThat(service.cancel(round).body(RoundSessionView.class).state())
                .isEqualTo(State.CANCELLED);
        assertThat(service.cancel(round).status()).isEqualTo(200);
        assertThat(service.seal(round).problem())
                .isEqualTo(ProblemType.CONTRADICTS_EARLIER_REQUEST);
        assertThat(folder.resolve("service/updates/" + round)).doesNotExist();
    }

    @Test
    void aRetryWithTheSameBytesIsFreeAlsoWhenTheRoundHasEnded() throws IOException {
        service.open(session(ADA));
        byte[] update = update(ADA, 30, 1);

        assertThat(service.handIn(round, ADA, update).status()).isEqualTo(201);
        Service.Answer again = service.handIn(round, ADA, update);
        service.seal(round);
        Service.Answer afterwards = service.handIn(round, ADA, update);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body(UpdateReceipt.class))
                .isEqualTo(new UpdateReceipt(Digest.of(update), true));
        assertThat(afterwards.status()).isEqualTo(200);
        assertThat(service.handIn(round, ADA, update(ADA, 30, 9)).problem())
                .isEqualTo(ProblemType.ROUND_CLOSED);
    }

    @Test
    void otherBytesDoNotReplaceThoseThatCount() throws IOException {
        service.open(session(ADA));
        byte[] first = update(ADA, 30, 1);
        service.handIn(round, ADA, first);

        assertThat(service.handIn(round, ADA, update(ADA, 30, 2)).problem())
                .isEqualTo(ProblemType.UPDATE_CONTRADICTS);
        assertThat(service.view(round).updates().getFirst().digest()).isEqualTo(Digest.of(first));
    }

    @Test
    void ofManyUpdatesAtTheSameTimeExactlyOneCounts() throws IOException {
        service.open(session(ADA));
        List<byte[]> updates = new ArrayList<>();
        for (int seed = 0; seed < 8; seed++) {
            updates.add(update(ADA, 30, seed));
        }

        List<Integer> statuses =
                updates.parallelStream()
                        .map(update -> service.handIn(round, ADA, update).status())
                        .toList();

        assertThat(statuses)
                .containsOnlyOnce(201)
                .allMatch(status -> status == 201 || status == 409);
        UpdateView held = service.view(round).updates().getFirst();
        assertThat(held.digest()).isEqualTo(Digest.of(updates.get(statuses.indexOf(201))));
    }

    @Test
    void whatWasAcceptedBeforeTheSealIsInTheVersionAndWhatWasNotIsNot() throws IOException {
        AgentName[] agents = new AgentName[8];
        for (int k = 0; k < agents.length; k++) {
            agents[k] = new AgentName("agent-" + k);
        }
        service.open(session(agents));
        Map<AgentName, byte[]> updates = new HashMap<>();
        for (AgentName agent : agents) {
            updates.put(agent, update(agent, 10, agent.hashCode()));
        }
        Map<AgentName, Integer> statuses = new ConcurrentHashMap<>();

        updates.entrySet().parallelStream()
                .forEach(one -> {
                    if (one.getKey().equals(agents[4])) {
                        service.seal(round);
                    }
                    statuses.put(
                            one.getKey(),
                            service.handIn(round, one.getKey(), one.getValue()).status());
                });
        RoundSessionView view =
                service.await(
                        round, one -> one.state() == State.PUBLISHED || one.state() == State.VOID);

        List<AgentName> accepted =
                Arrays.stream(agents).filter(agent -> statuses.get(agent) == 201).toList();
        assertThat(statuses.values()).allMatch(status -> status == 201 || status == 409);
        assertThat(contributors(view)).isEqualTo(accepted);
    }

    @Test
    void aBadUpdateIsRecordedHarmsNobodyAndCanBeCorrected() throws IOException {
        service.open(session(ADA, BOB));
        byte[] bad = update(BOB, 30, 1); // for another agent
        service.handIn(round, BOB, update(BOB, 10, 2));

        assertThat(service.handIn(round, ADA, bad).problem())
                .isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        UpdateView rejected = service.view(round).updates().getFirst();
        assertThat(service.handIn(round, ADA, bad).problem())
                .isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        Service.Answer corrected = service.handIn(round, ADA, update(ADA, 30, 1));

        assertThat(rejected.state()).isEqualTo(UpdateState.REJECTED);
        assertThat(rejected.reason()).contains("bob");
        assertThat(corrected.status()).isEqualTo(201);
        assertThat(service.view(round).updates())
                .allMatch(update -> update.state() == UpdateState.ACCEPTED);
    }

    @Test
    void strangersAreTurnedAway() throws IOException {
        service.open(session(ADA, BOB));
        byte[] update = update(ADA, 30, 1);
        Digest digest = Digest.of(update);

        assertThat(service.handIn(round, EVE, update).problem())
                .isEqualTo(ProblemType.NOT_IN_COHORT);
        assertThat(
                        service.send(
                                        service.update(round, ADA)
                                                .header(Digests.HEADER, Digests.header(digest))
                                                .PUT(BodyPublishers.ofByteArray(update)))
                                .problem())
                .isEqualTo(ProblemType.UNAUTHENTICATED);
        assertThat(
                        service.send(
                                        service.update(round, ADA)
                                                .header(
                                                        "Authorization",
                                                        "Bearer " + TinyModel.token(BOB))
                                                .header(Digests.HEADER, Digests.header(digest))
                                                .PUT(BodyPublishers.ofByteArray(update)))
                                .status())
                .isEqualTo(401);
        assertThat(service.handIn(new RoundId(UUID.randomUUID()), ADA, update).problem())
                .isEqualTo(ProblemType.NOT_FOUND);
        assertThat(service.head(round, EVE, update).status()).isEqualTo(403);
    }

    @Test
    void bytesThatAreNotThoseOfTheDigestCountForNothing() throws IOException {
        service.open(session(ADA));
        byte[] update = update(ADA, 30, 1);
        byte[] damaged = update.clone();
        damaged[damaged.length - 1] ^= 1;

        Service.Answer answer =
                service.send(
                        service.upload(round, ADA, Digest.of(update))
                                .PUT(BodyPublishers.ofByteArray(damaged)));

        assertThat(answer.problem()).isEqualTo(ProblemType.DIGEST_MISMATCH);
        assertThat(service.view(round).updates().getFirst().state()).isEqualTo(UpdateState.MISSING);
        assertThat(service.handIn(round, ADA, update).status()).isEqualTo(201);
    }

    @Test
    void aBodyWithoutDigestIsRefused() throws IOException {
        service.open(session(ADA));

        Service.Answer answer =
                service.send(
                        service.update(round, ADA)
                                .header("Authorization", "Bearer " + TinyModel.token(ADA))
                                .PUT(BodyPublishers.ofByteArray(update(ADA, 30, 1))));

        assertThat(answer.problem()).isEqualTo(ProblemType.MALFORMED_REQUEST);
    }

    @Test
    void anOversizedUpdateIsRefusedAndItsSenderReadsWhy() {
        service.open(session(ADA));

        Service.Answer answer = service.handIn(round, ADA, new byte[5_000_000]);

        assertThat(answer.problem()).isEqualTo(ProblemType.TOO_LARGE);
        assertThat(service.view(round).updates().getFirst().state())
                .isEqualTo(UpdateState.REJECTED);
    }

    @Test
    void anUpdateMayComeInPieces() throws IOException {
        service.open(session(ADA));
        byte[] update = update(ADA, 30, 1);

        assertThat(service.head(round, ADA, update).status()).isEqualTo(404);
        Service.Answer first = service.piece(round, ADA, update, 0, 100);
        Service.Answer again = service.piece(round, ADA, update, 0, 100);
        Service.Answer head = service.head(round, ADA, update);
        Service.Answer last = service.piece(round, ADA, update, 100, update.length);

        assertThat(first.status()).isEqualTo(204);
        assertThat(first.header("Upload-Offset")).isEqualTo("100");
        assertThat(again.problem()).isEqualTo(ProblemType.OFFSET_MISMATCH);
        assertThat(again.header("Upload-Offset")).isEqualTo("100");
        assertThat(head.status()).isEqualTo(204);
        assertThat(head.header("Upload-Complete")).isEqualTo("?0");
        assertThat(last.status()).isEqualTo(201);
        assertThat(service.head(round, ADA, update).status()).isEqualTo(200);
        assertThat(service.head(round, ADA, update).header("Upload-Complete")).isEqualTo("?1");
    }

    @Test
    void aTruncatedUploadIsResumedWhereItBroke() throws Exception {
        service.open(session(ADA));
        byte[] update = update(ADA, 30, 1);
        breakOff(update, 200);

        long there = awaitOffset(update);
        Service.Answer rest = service.piece(round, ADA, update, (int) there, update.length);

        assertThat(there).isEqualTo(200);
        assertThat(rest.status()).isEqualTo(201);
    }

    @Test
    void afterItsDeadlineARoundTakesNothing() throws IOException {
        service.open(TinyModel.session(round, Instant.EPOCH, invitation(ADA, Scope.whole())));

        assertThat(service.handIn(round, ADA, update(ADA, 30, 1)).problem())
                .isEqualTo(ProblemType.ROUND_CLOSED);
    }

    @Test
    void hostileBytesAreRefusedAndTheRoundIsUnharmed() throws IOException {
        service.open(session(ADA, BOB));
        byte[] good = update(ADA, 30, 1);
        service.handIn(round, BOB, update(BOB, 10, 2));
        Random any = new Random(1);

        for (int i = 0; i < 40; i++) {
            byte[] hostile = good.clone();
            hostile[any.nextInt(400)] = (byte) any.nextInt(256);
            int status = service.handIn(round, ADA, hostile).status();
            assertThat(status).isIn(422, 201, 200);
            if (status != 422) {
                break;
            }
        }

        service.seal(round);
        service.await(round, one -> one.state() == State.PUBLISHED);
    }

    @Test
    void aRoundIsPublishedOnceTheRegistryIsBack() throws IOException {
        service.open(session(ADA));
        service.handIn(round, ADA, update(ADA, 30, 1));
        registry.unwell(true);
        service.seal(round);

        assertThat(service.view(round).state()).isEqualTo(State.SEALED);
        registry.unwell(false);
        service.await(round, one -> one.state() == State.PUBLISHED);
    }

    @Test
    void whileTheRegistryIsAwayNoSessionOpensAndTheCallerIsToldToRetry() {
        registry.unwell(true);
        RoundSession unknown =
                new RoundSession(
                        round,
                        TinyModel.JOB,
                        1,
                        TinyModel.FILTER,
                        VersionRef.parse("never-seen@1"),
                        TinyModel.PARENT,
                        new RoundWork.FineTune(
                                TinyModel.ADAPTER,
                                TinyModel.TASK,
                                TinyModel.training(session(ADA)).aggregation(),
                                null),
                        1,
                        session(ADA).cohort(),
                        DEADLINE);

        assertThat(service.open(unknown).problem()).isEqualTo(ProblemType.NEIGHBOUR_UNAVAILABLE);
    }

    @Test
    void aJobBeginsWithOneAdapterHoweverOftenItAsks() {
        JobId job = new JobId(UUID.randomUUID());
        String asked =
                JSON.writeValueAsString(
                        new InitialAdapter(
                                job,
                                42,
                                new ModelName("fresh"),
                                TinyModel.BASE,
                                TinyModel.ADAPTER,
                                TinyModel.TASK));
        String path = "/api/v1/jobs/" + job + "/initial-adapter";

        Service.Answer first = service.json("PUT", path, asked);
        Service.Answer again = service.json("PUT", path, asked);

        assertThat(first.status()).isEqualTo(200);
        assertThat(again.body(VersionManifest.class)).isEqualTo(first.body(VersionManifest.class));
        assertThat(first.body(VersionManifest.class).kind()).isEqualTo(VersionKind.ADAPTER);
        assertThat(service.json("PUT", path, asked.replace("\"seed\":42", "\"seed\":43")).problem())
                .isEqualTo(ProblemType.CONTRADICTS_EARLIER_REQUEST);
    }

    @Test
    void aJobLeavesAModelThatNeedsNoAdapter() {
        JobId job = new JobId(UUID.randomUUID());
        InitialAdapter initial =
                new InitialAdapter(
                        job,
                        42,
                        new ModelName("to-merge"),
                        TinyModel.BASE,
                        TinyModel.ADAPTER,
                        TinyModel.TASK);
        VersionManifest adapter =
                service.json(
                                "PUT",
                                "/api/v1/jobs/" + job + "/initial-adapter",
                                JSON.writeValueAsString(initial))
                        .body(VersionManifest.class);
        MergeAdapter merge = new MergeAdapter(job, adapter.ref(), new ModelName("merged"));
        String path = "/api/v1/jobs/" + job + "/merged-model";

        Service.Answer first = service.json("PUT", path, JSON.writeValueAsString(merge));
        Service.Answer again = service.json("PUT", path, JSON.writeValueAsString(merge));

        VersionManifest merged = first.body(VersionManifest.class);
        assertThat(again.body(VersionManifest.class)).isEqualTo(merged);
        assertThat(merged.kind()).isEqualTo(VersionKind.MERGED);
        assertThat(merged.files())
                .extracting(file -> file.path())
                .containsExactly("config.json", "model.safetensors", "tokenizer.json");
        JsonNode config = JSON.readTree(registry.bytes(merged.ref(), "config.json"));
        assertThat(config.path("id2label").path("1").asString()).isEqualTo("spam");
        assertThat(config.path("architectures").get(0).asString())
                .isEqualTo("TinyForSequenceClassification");
    }

    @Test
    void everyOperationIsDocumentedWithItsExamplesAndRefusals() {
        JsonNode paths = JSON.readTree(service.get("/v3/api-docs").response().body()).path("paths");

        assertThat(paths.propertyNames()).hasSize(6);
        for (JsonNode path : paths) {
            for (var operation : path.properties()) {
                JsonNode body = operation.getValue();
                assertThat(body.path("summary").asString()).isNotBlank();
                assertThat(body.path("description").asString()).isNotBlank();
                assertThat(body.path("responses").propertyNames())
                        .as(operation.getKey())
                        .anyMatch(status -> status.startsWith("4"));
                for (var response : body.path("responses").properties()) {
                    if (response.getKey().startsWith("4")) {
                        assertThat(
                                        response.getValue()
                                                .path("content")
                                                .path("application/problem+json")
                                                .path("examples")
                                                .propertyNames())
                                .isNotEmpty();
                    }
                }
            }
        }
    }

    @Test
    void probesAndMetricsAnswer() throws IOException {
        service.open(session(ADA));
        service.handIn(round, ADA, update(ADA, 30, 1));

        assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
        assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
        String metrics =
                new String(
                        service.get("/actuator/prometheus").response().body(),
                        StandardCharsets.UTF_8);
        assertThat(metrics)
                .contains("espalier_updates_accepted_total")
                .contains("espalier_updates_received_bytes_total");
    }

    private static List<AgentName> contributors(RoundSessionView view) {
        return view.published() == null
                ? List.of()
                : registry.version(view.published()).lineage().contributors().stream()
                        .map(Lineage.Contributor::agent)
                        .toList();
    }

    private RoundSession session(AgentName... agents) {
        return TinyModel.session(
                round,
                DEADLINE,
                Arrays.stream(agents)
                        .map(agent -> invitation(agent, Scope.whole()))
                        .toArray(RoundSession.Invitation[]::new));
    }

    private RoundSession choosing(HeadAllowance allowed) {
        return TinyModel.with(
                HEAD_WEIGHTED, TinyModel.session(round, DEADLINE, invitation(ADA, allowed)));
    }

    private static Scope components(List<Integer> components) {
        Map<String, List<Integer>> every = new HashMap<>();
        TinyModel.layout().tensors().stream()
                .filter(tensor -> !tensor.kind().isTaskHead())
                .forEach(tensor -> every.put(tensor.module(), components));
        return new Scope(null, every);
    }

    private static RoundSession ranked(
            RoundId round, VersionRef parent, RoundSession.Invitation invitation) {
        return new RoundSession(
                round,
                TinyModel.JOB,
                1,
                TinyModel.FILTER,
                TinyModel.BASE,
                parent,
                new RoundWork.FineTune(
                        TinyModel.ADAPTER,
                        TinyModel.TASK,
                        new AggregationSpec.RankAdaptive(null, null),
                        new RankSpec(null, null, null, null, null)),
                1,
                List.of(invitation),
                DEADLINE);
    }

    private byte[] update(RoundId round, VersionRef parent, Scope scope) throws IOException {
        Path before = folder.resolve("before-" + round);
        Files.write(before, registry.bytes(parent, "adapter_model.safetensors"));
        String manifest =
                JSON.writeValueAsString(TinyModel.manifest(round, ADA, scope, 30))
                        .replace(TinyModel.PARENT.toString(), parent.toString());
        Path file = folder.resolve("update-" + round);
        TinyModel.write(file, manifest, TinyModel.tensors(before, scope, 3));
        return Files.readAllBytes(file);
    }

    private byte[] update(AgentName agent, long examples, long seed) throws IOException {
        return update(agent, Scope.whole(), examples, seed);
    }

    private byte[] update(AgentName agent, Scope scope, long examples, long seed)
            throws IOException {
        Path file = folder.resolve("update-" + round + "-" + agent);
        return Files.readAllBytes(
                TinyModel.update(
                        file, parent, TinyModel.manifest(round, agent, scope, examples), seed));
    }

    /** Announces the whole, sends some, and hangs up. */
    private void breakOff(byte[] whole, int sent) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            String head =
                    "PUT /api/v1/rounds/%s/updates/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s: %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
                            .formatted(
                                    round,
                                    ADA,
                                    TinyModel.token(ADA),
                                    Digests.HEADER,
                                    Digests.header(Digest.of(whole)),
                                    whole.length);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(whole, 0, sent);
            socket.getOutputStream().flush();
        }
    }

    private long awaitOffset(byte[] whole) {
        long giveUp = System.nanoTime() + 30_000_000_000L;
        while (System.nanoTime() < giveUp) {
            Service.Answer head = service.head(round, ADA, whole);
            if (head.status() == 204 && !head.header("Upload-Offset").equals("0")) {
                return Long.parseLong(head.header("Upload-Offset"));
            }
        }
        throw new AssertionError("nothing of the broken upload was kept");
    }
}
