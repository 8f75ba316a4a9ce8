package dev.espalier.aggregation;

import static dev.espalier.aggregation.LayeredModel.BASE;
import static dev.espalier.aggregation.LayeredModel.BASES;
import static dev.espalier.aggregation.LayeredModel.EXPANDED;
import static dev.espalier.aggregation.LayeredModel.HALF;
import static dev.espalier.aggregation.LayeredModel.L0;
import static dev.espalier.aggregation.LayeredModel.STANDALONE;
import static dev.espalier.aggregation.LayeredModel.invitation;
import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.EVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.sparse.Expansion;
import dev.espalier.aggregation.sparse.SparseUpdate;
import dev.espalier.postgres.testing.RealPostgres;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.TieOrder;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Rounds that prune a base, over HTTP on a real database: published cases, and whole rounds. */
@SpringBootTest(
        classes = AggregationApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "spring.config.name=aggregation-service")
@RealPostgres
class PruningIT {

    private static final String WEIGHTS = "model.safetensors";
    private static final String MASK = "mask.safetensors";

    /** Of the matrix of a published case, and of one that every client prunes away. */
    private static final Linear CASE = new Linear("net.layer.0.w", 1, 1, false, 0);

    private static final String W = "layer.0.w.weight";
    private static final String PAD = "layer.1.w.weight";
    private static final int PADDING = 64;

    @TempDir static Path folder;
    private static FakeRegistry registry;

    @LocalServerPort int port;

    private final RoundId round = new RoundId(UUID.randomUUID());
    private Service service;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry settings) throws IOException {
        registry = new FakeRegistry();
        registry.hold(
                BASE,
                VersionKind.BASE,
                null,
                LayeredModel.structure(),
                LayeredModel.base(folder.resolve(WEIGHTS), DType.F16),
                config(),
                Files.writeString(folder.resolve("tokenizer.json"), "{}"));
        settings.add("espalier.registry.url", () -> registry.url());
        settings.add("espalier.registry.attempts", () -> 1);
        settings.add("espalier.storage.folder", () -> folder.resolve("service"));
        settings.add("espalier.intake.size-overhead", () -> "64KB");
    }

    private static Path config() throws IOException {
        return Files.writeString(
                folder.resolve("config.json"),
                "{\"architectures\":[\"TinyModel\"],\"model_type\":\"tiny\"}");
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void start() {
        service = new Service(port);
    }

    static Stream<Arguments> norms() {
        return Vectors.of("l0_norm.json");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("norms")
    void theMeanIsThatOfTheVector(JsonNode one) throws IOException {
        JsonNode expected = one.get("expected");

        RoundSessionView view = ofVector(one, L0, BigDecimal.ZERO);

        JsonNode wanted = expected.has("W") ? expected.get("W") : expected.get("W_explicitMask");
        assertValues(view.published(), W, wanted, one.get("tolerance").asDouble());
    }

    static Stream<Arguments> expansions() {
        return Vectors.of("l0_mask_expansion.json")
                .filter(one ->
                        ((Named<JsonNode>) one.get()[0]).getPayload().get("input").has("masks"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("expansions")
    void theExpandedMatrixIsThatOfTheVector(JsonNode one) throws IOException {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        SparseAggregationSpec rule =
                new SparseAggregationSpec.L0MaskExpansion(
                        SparseAggregationSpec.L0MaskExpansion.Ties.valueOf(
                                in.get("tieBreak").asString()));

        RoundSessionView view = ofVector(one, rule, in.get("sparsity").decimalValue());

        assertValues(view.published(), W, expected.get("W"), one.get("tolerance").asDouble());
        JsonNode kept = expected.get("globalMask");
        assertThat(kept(view.published(), W, kept.size())).isEqualTo(bits(kept));
        assertThat(view.matrices().getFirst().name()).isEqualTo(W);
        assertThat(view.matrices().getFirst().sparsity())
                .isCloseTo(expected.get("finalSparsity").asDouble(), within(1e-9));
    }

    /** The case's clients send values, and prune a second matrix away to have pruned enough. */
    private RoundSessionView ofVector(JsonNode one, SparseAggregationSpec rule, BigDecimal sparsity)
            throws IOException {
        JsonNode in = one.get("input");
        int length = in.get("weights").get(0).size();
        float[] previous = in.has("previous") ? floats(in.get("previous")) : new float[length];
        VersionRef base = holdCase(Shape.of(1, length), previous);
        RoundWork.Prune work =
                new RoundWork.Prune(LayeredModel.weights(Pruner.SPARSE_GPT), sparsity, rule);
        List<RoundSession.Invitation> cohort = new ArrayList<>();
        for (int k = 0; k < in.get("weights").size(); k++) {
            boolean sampled = !in.get("masks").get(k).isNull();
            cohort.add(sampled ? invitation(agent(k), 0, 1) : invitation(agent(k), 1));
        }
        RoundSession session =
                LayeredModel.session(
                        round, base, work, cohort.toArray(RoundSession.Invitation[]::new));
        assertThat(service.open(session).status()).isEqualTo(201);
        for (int k = cohort.size() - 1; k >= 0; k--) {
            JsonNode mask = in.get("masks").get(k);
            List<MaskedTensor> sent = new ArrayList<>();
            if (!mask.isNull()) {
                boolean[] kept = bits(mask);
                sent.add(values(W, Shape.of(1, length), kept, floats(in.get("weights").get(k))));
            }
            sent.add(values(PAD, Shape.of(1, PADDING), new boolean[PADDING], new float[PADDING]));
            handIn(session, agent(k), 1, DType.F32, sent);
        }
        return sealed();
    }

    /** The matrix of a case in layer 0, ones in layer 1. */
    private VersionRef holdCase(Shape shape, float[] values) throws IOException {
        VersionRef ref = new VersionRef(new ModelName("case-" + round.value()), 1);
        Path file = Files.createDirectories(folder.resolve(round.toString())).resolve(WEIGHTS);
        float[] ones = new float[PADDING];
        Arrays.fill(ones, 1);
        new SafetensorsWriter()
                .floats(W, shape, values)
                .floats(PAD, Shape.of(1, PADDING), ones)
                .write(file);
        int out = (int) shape.dimension(0);
        int in = (int) shape.dimension(1);
        registry.hold(
                ref,
                VersionKind.BASE,
                null,
                LayeredModel.structure(
                        "tiny",
                        List.of(
                                new Linear(CASE.name(), in, out, false, 0),
                                new Linear("net.layer.1.w", PADDING, 1, false, 1))),
                file,
                config());
        return ref;
    }

    @Test
    void anAdapterIsMergedIntoASparseBaseAsTheVectorSays() throws IOException {
        JsonNode one = Vectors.one("composed_sparse_lora.json", "masked_merge");
        JsonNode in = one.get("input");
        VersionRef base = pruneTo(in.get("W"), bits(flat(in.get("mask"))));
        VersionRef adapter = new VersionRef(new ModelName("lora-" + round.value()), 1);
        holdAdapter(adapter, base, in);

        VersionManifest merged = merged(adapter);

        String name = CASE.weight();
        assertValues(
                merged.ref(),
                name,
                flat(one.get("expected").get("maskedMerge")),
                one.get("tolerance").asDouble());
        assertThat(kept(merged.ref(), name, 4)).containsExactly(false, true, true, false);
        assertThat(merged.lineage().sparsity())
                .containsExactly(
                        new MatrixSparsity(name, 4, 2, 0),
                        new MatrixSparsity("net.layer.1.w.weight", PADDING, 0, 0));
    }

    @Test
    void anAdapterBesideASparseBaseGivesWhatTheVectorSays() throws IOException {
        JsonNode one = Vectors.one("composed_sparse_lora.json", "forward_unmerged");
        JsonNode in = one.get("input");
        float[] w = floats(flat(in.get("W")));
        boolean[] kept = new boolean[w.length];
        IntStream.range(0, w.length).forEach(i -> kept[i] = w[i] != 0);
        VersionRef base = pruneTo(in.get("W"), kept);

        float[] sparse = published(base, WEIGHTS).get(W);

        float[] x = floats(in.get("x"));
        float[] a = floats(flat(in.get("A")));
        float[] b = floats(flat(in.get("B")));
        double hidden = a[0] * x[0] + a[1] * x[1];
        for (int row = 0; row < 2; row++) {
            double y =
                    sparse[2 * row] * x[0]
                            + sparse[2 * row + 1] * x[1]
                            + in.get("scale").asDouble() * b[row] * hidden;
            assertThat(y).isEqualTo(one.get("expected").get("y").get(row).asDouble());
        }
    }

    /** What one client keeps of a matrix of the same values. */
    private VersionRef pruneTo(JsonNode w, boolean[] kept) throws IOException {
        Shape shape = Shape.of(2, 2);
        VersionRef base = holdCase(shape, floats(flat(w)));
        RoundWork.Prune work = new RoundWork.Prune(LayeredModel.weights(Pruner.WANDA), HALF, L0);
        RoundSession session = LayeredModel.session(round, base, work, invitation(ADA, 0));
        service.open(session);
        handIn(
                session,
                ADA,
                5,
                DType.F32,
                List.of(MaskedTensor.maskOnly(W, shape, ElementMask.of(kept))));
        return sealed().published();
    }

    private static void holdAdapter(VersionRef adapter, VersionRef base, JsonNode in)
            throws IOException {
        Path file = folder.resolve("adapter_model.safetensors");
        String module = "base_model.model." + CASE.name();
        new SafetensorsWriter()
                .floats(module + ".lora_A.weight", Shape.of(1, 2), floats(flat(in.get("A"))))
                .floats(module + ".lora_B.weight", Shape.of(2, 1), floats(flat(in.get("B"))))
                .write(file);
        Path peft =
                Files.writeString(
                        folder.resolve("adapter_config.json"),
                        "{\"lora_alpha\": %s, \"r\": 1, \"task_type\": \"CAUSAL_LM\"}"
                                .formatted(in.get("scale")));
        registry.hold(adapter, VersionKind.ADAPTER, base, null, file, peft);
    }

    private VersionManifest merged(VersionRef adapter) {
        MergeAdapter asked =
                new MergeAdapter(TinyModel.JOB, adapter, new ModelName("merged-" + round.value()));
        Service.Answer answer =
                service.json(
                        "PUT",
                        "/api/v1/jobs/" + TinyModel.JOB + "/merged-model",
                        JsonMapper.shared().writeValueAsString(asked));
        assertThat(answer.status()).isEqualTo(200);
        return answer.body(VersionManifest.class);
    }

    @Test
    void aRoundBecomesASparseBaseWithItsMaskWhateverCameFirst() throws IOException {
        RoundSession session = allLayers(LayeredModel.half(EXPANDED));
        assertThat(service.open(session).status()).isEqualTo(201);
        assertThat(service.open(session).status()).isEqualTo(200);
        halve(session, EVE, 9, 3, 0, 1, 2);
        halve(session, ADA, 7, 1, 0, 1, 2);
        halve(session, BOB, 8, 2, 0, 1, 2);

        RoundSessionView view = sealed();

        VersionManifest base = registry.version(view.published());
        assertThat(view.publishedBase()).isEqualTo(view.published());
        assertThat(view.standalone()).isNull();
        assertThat(base.model()).isEqualTo(BASES);
        assertThat(base.kind()).isEqualTo(VersionKind.MERGED);
        assertThat(base.base()).isEqualTo(BASE);
        assertThat(base.structure()).isEqualTo(LayeredModel.structure());
        assertThat(base.files())
                .extracting(file -> file.path())
                .containsExactlyInAnyOrder("config.json", "tokenizer.json", MASK, WEIGHTS);
        assertThat(base.lineage().parent()).isEqualTo(BASE);
        assertThat(base.lineage().round()).isEqualTo(round);
        assertThat(base.lineage().contributors())
                .extracting(one -> one.agent() + "=" + one.examples())
                .containsExactly("ada=7", "bob=8", "eve=9");
        assertThat(base.lineage().sparsity()).isEqualTo(view.matrices());
        assertThat(view.matrices())
                .extracting(MatrixSparsity::name)
                .containsExactlyElementsOf(LayeredModel.matrices());
        assertThat(view.matrices())
                .allSatisfy(one -> {
                    assertThat(one.zeros()).isEqualTo(48);
                    assertThat(one.responders()).isEqualTo(3);
                });
        assertBytes(
                view.published(),
                new Expansion.Adaptive(HALF, TieOrder.MAGNITUDE_THEN_INDEX, 77),
                ADA,
                BOB,
                EVE);
        assertKeepsToTheMask(view.published());
    }

    @Test
    void whatIsStackedOntoASparseBaseKeepsToItsMask() throws IOException {
        RoundSession pruning = allLayers(LayeredModel.half(EXPANDED));
        service.open(pruning);
        halve(pruning, ADA, 7, 1, 0, 1, 2);
        halve(pruning, BOB, 7, 2, 0, 1, 2);
        RoundSessionView pruned = sealed();
        AdapterSpec lora = new AdapterSpec(2, 4.0, 0.0, List.of("up"));
        TaskSpec task = new TaskSpec(TaskKind.CAUSAL_LANGUAGE_MODELLING, List.of(), 16, null);
        VersionRef adapter = initialAdapter(pruned.published(), lora, task);
        RoundId next = new RoundId(UUID.randomUUID());
        RoundSession healing =
                new RoundSession(
                        next,
                        TinyModel.JOB,
                        2,
                        LayeredModel.PRUNED,
                        pruned.published(),
                        adapter,
                        new RoundWork.FineTune(
                                lora, task, new AggregationSpec.Stacking(null), null),
                        5,
                        List.of(TinyModel.invitation(EVE, Scope.whole())),
                        TinyModel.DEADLINE);
        assertThat(service.open(healing).status()).isEqualTo(201);
        train(healing, AdapterLayout.of(LayeredModel.structure(), lora, task));
        service.seal(next);

        RoundSessionView healed = service.await(next, one -> one.state() == State.PUBLISHED);

        VersionRef base = healed.publishedBase();
        assertThat(registry.version(base).lineage().sparsity())
                .extracting(MatrixSparsity::name, MatrixSparsity::zeros, MatrixSparsity::responders)
                .containsExactlyElementsOf(
                        LayeredModel.matrices().stream()
                                .map(name -> tuple("net." + name, 48L, 0))
                                .toList());
        for (String name : LayeredModel.matrices()) {
            boolean[] kept = kept(base, "net." + name, 96);
            float[] after = published(base, WEIGHTS).get("net." + name);
            float[] before = published(pruned.published(), WEIGHTS).get(name);
            assertThat(kept).isEqualTo(kept(pruned.published(), name, 96));
            for (int j = 0; j < 96; j++) {
                assertThat(after[j] != before[j]).isEqualTo(kept[j] && name.contains("up"));
            }
        }
    }

    private VersionRef initialAdapter(VersionRef base, AdapterSpec lora, TaskSpec task) {
        JobId job = new JobId(round.value());
        InitialAdapter asked = new InitialAdapter(job, 1, LayeredModel.PRUNED, base, lora, task);
        Service.Answer answer =
                service.json(
                        "PUT",
                        "/api/v1/jobs/" + job + "/initial-adapter",
                        JsonMapper.shared().writeValueAsString(asked));
        assertThat(answer.status()).isEqualTo(200);
        return answer.body(VersionManifest.class).ref();
    }

    /** Hands in an adapter of ones. */
    private void train(RoundSession session, AdapterLayout layout) throws IOException {
        List<MaskedTensor> ones = new ArrayList<>();
        for (AdapterTensor tensor : layout.tensors()) {
            float[] values = new float[(int) tensor.elements()];
            Arrays.fill(values, 1);
            ones.add(MaskedTensor.dense(tensor.name(), TinyModel.shape(tensor), values));
        }
        UpdateManifest manifest =
                new UpdateManifest(
                        UpdateManifest.SCHEMA,
                        session.round(),
                        EVE,
                        session.parent(),
                        Scope.whole(),
                        null,
                        null,
                        null,
                        3,
                        1,
                        null,
                        null,
                        1.0);
        Path file =
                TinyModel.write(
                        folder.resolve("trained"),
                        JsonMapper.shared().writeValueAsString(manifest),
                        ones);
        assertThat(service.handIn(session.round(), EVE, Files.readAllBytes(file)).status())
                .isEqualTo(201);
    }

    @Test
    void whatAnUpdateHoldsIsToldOfIt() throws IOException {
        RoundSession session =
                LayeredModel.session(
                        round,
                        BASE,
                        LayeredModel.half(L0),
                        invitation(ADA, 0, 2),
                        invitation(BOB, 1));
        service.open(session);
        halve(session, ADA, 7, 1, 0, 2);

        UpdateView told = service.view(round).updates().getFirst();

        assertThat(told.state()).isEqualTo(UpdateState.ACCEPTED);
        assertThat(told.layers()).isEqualTo(2);
        assertThat(told.sparsity()).isEqualTo(0.5);
        assertThat(told.bytesUp()).as("four matrices of 96 bits, and n").isEqualTo(4 * 12 + 8);
        assertThat(told.examples()).isEqualTo(7);
        assertThat(told.trainSeconds()).isEqualTo(2.5);
        assertThat(told.changeNorm()).isNull();
        assertThat(told.keptHeads()).isNull();
        assertThat(service.view(round).updates().get(1).layers()).isNull();
    }

    @Test
    void valuesThatChangedTravelInTheSmallestOfThreeWays() throws IOException {
        RoundSession session =
                LayeredModel.session(
                        round,
                        BASE,
                        new RoundWork.Prune(LayeredModel.weights(Pruner.SPARSE_GPT), HALF, L0),
                        invitation(ADA, 1));
        service.open(session);
        List<MaskedTensor> sent =
                LayeredModel.halfOf(LayeredModel.structure(), Scope.ofLayers(List.of(1)), 5)
                        .stream()
                        .map(mask -> changed(mask))
                        .toList();
        handIn(session, ADA, 3, DType.F16, sent);

        assertThat(service.view(round).updates().getFirst().bytesUp())
                .as("two matrices of 96, half of them kept in f16: a bitmap, the format, and n")
                .isEqualTo(2 * (12 + 48 * 2 + 1) + 8);
        VersionRef base = sealed().published();
        for (MaskedTensor one : sent) {
            float[] values = published(base, WEIGHTS).get(one.name());
            assertThat(IntStream.range(0, 96).filter(j -> values[j] == 0.25f).count())
                    .isEqualTo(48);
        }
    }

    private static MaskedTensor changed(MaskedTensor mask) {
        boolean[] kept = new boolean[96];
        float[] values = new float[48];
        Arrays.fill(values, 0.25f);
        IntStream.range(0, 96).forEach(j -> kept[j] = mask.contributes(j));
        return MaskedTensor.bitmap(mask.name(), mask.shape(), ElementMask.of(kept), values);
    }

    @Test
    void theNextRoundPrunesWhatTheLastOneLeft() throws IOException {
        RoundSession first = allLayers(LayeredModel.half(EXPANDED));
        service.open(first);
        for (AgentName agent : List.of(ADA, BOB, EVE)) {
            halve(first, agent, 1, agent.hashCode(), 0, 1, 2);
        }
        VersionRef before = sealed().published();
        RoundId next = new RoundId(UUID.randomUUID());
        RoundSession second =
                LayeredModel.session(next, before, LayeredModel.half(EXPANDED), invitation(BOB, 1));
        assertThat(service.open(second).status()).isEqualTo(201);
        halve(second, BOB, 4, 99, 1);
        service.seal(next);

        RoundSessionView view = service.await(next, one -> one.state() == State.PUBLISHED);

        assertThat(registry.version(view.published()).lineage().parent()).isEqualTo(before);
        assertThat(view.matrices())
                .extracting(MatrixSparsity::responders)
                .containsExactly(0, 0, 1, 1, 0, 0);
        assertThat(view.matrices()).allSatisfy(one -> assertThat(one.zeros()).isEqualTo(48));
        for (String name : List.of("layer.0.up.weight", "layer.2.down.weight")) {
            assertThat(published(view.published(), WEIGHTS).get(name))
                    .isEqualTo(published(before, WEIGHTS).get(name));
            assertThat(kept(view.published(), name, 96)).isEqualTo(kept(before, name, 96));
        }
        assertKeepsToTheMask(view.published(), before);
    }

    @Test
    void aStandaloneRoundBecomesOneBaseForEachClient() throws IOException {
        RoundSession session = allLayers(LayeredModel.half(STANDALONE));
        service.open(session);
        halve(session, EVE, 9, 3, 0, 1, 2);
        halve(session, ADA, 7, 1, 0, 1, 2);
        halve(session, BOB, 8, 2, 0, 1, 2);

        RoundSessionView view = sealed();

        assertThat(view.standalone()).extracting(OwnVersion::agent).containsExactly(ADA, BOB, EVE);
        assertThat(view.standalone()).extracting(OwnVersion::version).doesNotHaveDuplicates();
        assertThat(view.published()).isEqualTo(view.standalone().getFirst().version());
        assertThat(view.publishedBase()).isEqualTo(view.published());
        for (OwnVersion own : view.standalone()) {
            assertBytes(own.version(), new Expansion.None(), own.agent());
            assertThat(registry.version(own.version()).lineage().contributors())
                    .extracting(one -> one.agent())
                    .containsExactly(own.agent());
            assertKeepsToTheMask(own.version());
        }
        assertThat(view.matrices())
                .isEqualTo(registry.version(view.published()).lineage().sparsity());
        assertThat(service.view(round)).isEqualTo(view);
    }

    @Test
    void aRandomExpansionIsDrawnFromTheSeedOfTheRound() throws IOException {
        RoundSession session =
                allLayers(LayeredModel.half(new SparseAggregationSpec.RandomExpansion()));
        service.open(session);
        for (AgentName agent : List.of(BOB, EVE, ADA)) {
            halve(session, agent, 1, agent.hashCode(), 0, 1, 2);
        }

        RoundSessionView view = sealed();

        assertBytes(view.published(), new Expansion.Random(HALF, 77), ADA, BOB, EVE);
        assertThat(view.matrices()).allSatisfy(one -> assertThat(one.zeros()).isEqualTo(48));
    }

    @Test
    void aPatternIsCombinedByTheMeanAlone() throws IOException {
        RoundWork.Prune work =
                new RoundWork.Prune(LayeredModel.pattern("2:4", Pruner.MAGNITUDE), null, L0);
        RoundSession session = LayeredModel.session(round, BASE, work, invitation(ADA, 0));
        service.open(session);
        List<MaskedTensor> sent = new ArrayList<>();
        for (Linear linear : LayeredModel.structure().linearsOf(List.of(0))) {
            boolean[] kept = new boolean[96];
            IntStream.range(0, 96).forEach(j -> kept[j] = j % 4 < 2);
            sent.add(
                    MaskedTensor.maskOnly(
                            LayeredModel.stored(linear),
                            Shape.of(linear.out(), linear.in()),
                            ElementMask.of(kept)));
        }
        handIn(session, ADA, 1, DType.F32, sent);

        RoundSessionView view = sealed();

        assertThat(view.matrices().getFirst().zeros()).isEqualTo(48);
        assertThat(kept(view.published(), "layer.0.up.weight", 96))
                .startsWith(true, true, false, false, true, true, false, false);
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnybodyPrunes() {
        RoundWork.Prune patterned =
                new RoundWork.Prune(LayeredModel.pattern("2:4", Pruner.WANDA), null, EXPANDED);

        assertThat(
                        service.open(
                                        LayeredModel.session(
                                                round, BASE, patterned, invitation(ADA, 0)))
                                .problem())
                .isEqualTo(ProblemType.COMBINATION_REFUSED);
    }

    @Test
    void aBadPruningHarmsNobodyAndMayBeMended() throws IOException {
        RoundSession session =
                LayeredModel.session(round, BASE, LayeredModel.half(L0), invitation(ADA, 1));
        service.open(session);
        PruningManifest manifest = LayeredModel.manifest(session, ADA, 1, 1);
        Path dense = folder.resolve("dense");
        List<MaskedTensor> all = new ArrayList<>();
        for (Linear linear : LayeredModel.structure().linearsOf(List.of(1))) {
            boolean[] kept = new boolean[96];
            Arrays.fill(kept, true);
            all.add(
                    MaskedTensor.maskOnly(
                            LayeredModel.stored(linear),
                            Shape.of(linear.out(), linear.in()),
                            ElementMask.of(kept)));
        }
        LayeredModel.write(dense, manifest, all, DType.F32);

        Service.Answer refused = service.handIn(round, ADA, Files.readAllBytes(dense));

        assertThat(refused.problem()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(service.view(round).updates().getFirst().state())
                .isEqualTo(UpdateState.REJECTED);
        halve(session, ADA, 1, 6, 1);
        assertThat(sealed().matrices().get(2).zeros()).isEqualTo(48);
    }

    @Test
    void aFileThatNoPruningNeedsIsTooLarge() {
        RoundSession session =
                LayeredModel.session(round, BASE, LayeredModel.half(L0), invitation(ADA, 1));
        service.open(session);

        Service.Answer answer = service.handIn(round, ADA, new byte[2 * 96 * 6 + 65_537]);

        assertThat(answer.problem()).isEqualTo(ProblemType.TOO_LARGE);
    }

    private RoundSession allLayers(RoundWork.Prune work) {
        return LayeredModel.session(
                round,
                BASE,
                work,
                invitation(BOB, 0, 1, 2),
                invitation(ADA, 0, 1, 2),
                invitation(EVE, 0, 1, 2));
    }

    private void halve(
            RoundSession session, AgentName agent, long examples, long seed, Integer... layers)
            throws IOException {
        Scope scope = Scope.ofLayers(List.of(layers));
        handIn(
                session,
                agent,
                examples,
                DType.F32,
                LayeredModel.halfOf(LayeredModel.structure(), scope, seed));
    }

    private void handIn(
            RoundSession session,
            AgentName agent,
            long examples,
            DType type,
            List<MaskedTensor> sent)
            throws IOException {
        Integer[] layers =
                session.cohort().stream()
                        .filter(one -> one.agent().equals(agent))
                        .flatMap(one -> one.scope().layers().stream())
                        .toArray(Integer[]::new);
        Path file =
                LayeredModel.write(
                        file(agent),
                        LayeredModel.manifest(session, agent, examples, layers),
                        sent,
                        type);
        assertThat(service.handIn(session.round(), agent, Files.readAllBytes(file)).status())
                .isEqualTo(201);
    }

    private Path file(AgentName agent) throws IOException {
        return Files.createDirectories(folder.resolve(round.toString())).resolve("update-" + agent);
    }

    private RoundSessionView sealed() {
        service.seal(round);
        return service.await(round, view -> view.state() == State.PUBLISHED);
    }

    /** The same files as by one thread, without any service. */
    private void assertBytes(VersionRef version, Expansion expansion, AgentName... agents)
            throws IOException {
        List<SparseUpdate> updates = new ArrayList<>();
        for (AgentName agent : agents) {
            updates.add(new SparseUpdate(agent, 1, file(agent)));
        }
        LayeredModel.Combined wanted = LayeredModel.combined(folder, updates, expansion);
        assertThat(registry.bytes(version, MASK)).isEqualTo(wanted.mask());
        assertThat(registry.bytes(version, WEIGHTS)).isEqualTo(wanted.weights());
    }

    /** Zeros in place, everything else as the base has it: masks alone change no value. */
    private void assertKeepsToTheMask(VersionRef version) throws IOException {
        assertKeepsToTheMask(version, BASE);
    }

    private void assertKeepsToTheMask(VersionRef version, VersionRef before) throws IOException {
        SortedMap<String, float[]> dense = published(before, WEIGHTS);
        SortedMap<String, float[]> sparse = published(version, WEIGHTS);
        assertThat(sparse.keySet()).isEqualTo(dense.keySet());
        for (String name : sparse.keySet()) {
            boolean[] kept =
                    LayeredModel.matrices().contains(name)
                            ? kept(version, name, dense.get(name).length)
                            : null;
            float[] wanted = dense.get(name).clone();
            for (int j = 0; kept != null && j < wanted.length; j++) {
                wanted[j] = kept[j] ? wanted[j] : 0;
            }
            assertThat(sparse.get(name)).as(name).isEqualTo(wanted);
        }
    }

    private static void assertValues(
            VersionRef version, String name, JsonNode wanted, double tolerance) throws IOException {
        float[] found = published(version, WEIGHTS).get(name);
        assertThat(found).hasSize(wanted.size());
        for (int j = 0; j < found.length; j++) {
            assertThat((double) found[j]).isCloseTo(wanted.get(j).asDouble(), within(tolerance));
        }
    }

    private static SortedMap<String, float[]> published(VersionRef version, String path)
            throws IOException {
        SortedMap<String, float[]> tensors = new TreeMap<>();
        try (SafetensorsFile file = opened(version, path)) {
            file.names().forEach(name -> tensors.put(name, file.floats(name)));
        }
        return tensors;
    }

    private static boolean[] kept(VersionRef version, String name, int elements)
            throws IOException {
        try (SafetensorsFile file = opened(version, MASK)) {
            ElementMask mask = ElementMask.of(file.bytes(name), elements);
            boolean[] kept = new boolean[elements];
            IntStream.range(0, elements).forEach(j -> kept[j] = mask.keeps(j));
            return kept;
        }
    }

    private static SafetensorsFile opened(VersionRef version, String path) throws IOException {
        Path file = Files.createTempFile(folder, "published", ".safetensors");
        return SafetensorsFile.open(Files.write(file, registry.bytes(version, path)));
    }

    private static MaskedTensor values(String name, Shape shape, boolean[] kept, float[] all) {
        int count = 0;
        float[] packed = new float[all.length];
        for (int j = 0; j < all.length; j++) {
            if (kept[j]) {
                packed[count++] = all[j];
            }
        }
        return MaskedTensor.bitmap(name, shape, ElementMask.of(kept), Arrays.copyOf(packed, count));
    }

    private static AgentName agent(int k) {
        return new AgentName("client-" + k);
    }

    private static JsonNode flat(JsonNode rows) {
        var all = JsonMapper.shared().createArrayNode();
        rows.forEach(row -> row.forEach(all::add));
        return all;
    }

    private static float[] floats(JsonNode list) {
        float[] values = new float[list.size()];
        IntStream.range(0, values.length).forEach(i -> values[i] = list.get(i).floatValue());
        return values;
    }

    private static boolean[] bits(JsonNode list) {
        boolean[] bits = new boolean[list.size()];
        IntStream.range(0, bits.length).forEach(i -> bits[i] = list.get(i).asInt() == 1);
        return bits;
    }
}
