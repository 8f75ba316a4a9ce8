package dev.espalier.aggregation;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BASE;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.FILTER;
import static dev.espalier.aggregation.TinyModel.PARENT;
import static dev.espalier.aggregation.TinyModel.QUERY;
import static dev.espalier.aggregation.TinyModel.invitation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Rounds whose rule takes products, by the service as a process of its own, that is killed between
 * the two versions which a stacking round publishes.
 */
class StackingIT {

    private static final ModelName BASES = new ModelName("filter-base");
    private static final double SCALE = 2; // alpha 4, rank 2
    private static final String KEY = TinyModel.BLOCK + ".key.weight";
    private static final String HEAD = "base_model.model.classifier.weight";

    @TempDir Path folder;

    private FakeRegistry registry;
    private ServiceProcess process;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        registry.holdTinyModel(Files.createDirectories(folder.resolve("models")));
        process = new ServiceProcess(folder, registry);
    }

    @AfterEach
    void stop() throws InterruptedException {
        process.close();
        registry.close();
    }

    @Test
    void twoRoundsAreStackedAcrossAKillBetweenBaseAndAdapter() throws Exception {
        RoundSession first = stacking(1, BASE, PARENT);
        Service service = process.launch();
        assertThat(service.open(first).status()).isEqualTo(201);
        Path adaOne = handIn(service, first, ADA, Scope.whole(), 30);
        Path bobOne = handIn(service, first, BOB, prefix(), 10);
        registry.refusing(FILTER);
        service.seal(first.round());
        awaitVersions(BASES, 1);
        process.kill();

        registry.refusing(null);
        Service second = process.launch();
        RoundSessionView one = second.await(first.round(), view -> view.state() == State.PUBLISHED);

        assertThat(registry.publications()).as("the base that was there, once").isEqualTo(2);
        assertThat(one.publishedBase()).isEqualTo(new VersionRef(BASES, 1));
        assertBase(one, BASE, first);
        assertMerged(BASE, one.publishedBase(), adaOne, bobOne);
        assertFresh(one, adaOne, bobOne);
        assertThat(one.components())
                .hasSize(6)
                .first()
                .extracting(ModuleComponents::contributors)
                .isEqualTo(List.of(2, 1));

        RoundSession next = stacking(2, one.publishedBase(), one.published());
        assertThat(second.open(next).status()).isEqualTo(201);
        Path adaTwo = handIn(second, next, ADA, Scope.whole(), 30);
        Path bobTwo = handIn(second, next, BOB, prefix(), 10);
        second.seal(next.round());
        RoundSessionView two = second.await(next.round(), view -> view.state() == State.PUBLISHED);

        assertThat(two.publishedBase()).isEqualTo(new VersionRef(BASES, 2));
        assertBase(two, one.publishedBase(), next);
        assertMerged(one.publishedBase(), two.publishedBase(), adaTwo, bobTwo);
        assertThat(merged(second, two.published()).base()).isEqualTo(two.publishedBase());
    }

    @Test
    void aRankOptimalRoundTellsWhatItCutOff() throws Exception {
        RoundSession session =
                session(1, BASE, PARENT, new AggregationSpec.RankOptimal(null), null);
        Service service = process.launch();
        service.open(session);
        handIn(service, session, ADA, Scope.whole(), 30);
        handIn(service, session, BOB, Scope.whole(), 10);
        service.seal(session.round());

        RoundSessionView view =
                service.await(session.round(), one -> one.state() == State.PUBLISHED);

        assertThat(view.publishedBase()).isNull();
        assertThat(registry.version(view.published()).base()).isEqualTo(BASE);
        assertThat(view.components())
                .hasSize(6)
                .allSatisfy(module -> {
                    assertThat(module.contributors()).containsExactly(2, 2);
                    assertThat(module.importance()).hasSize(2);
                    assertThat(module.truncationError()).isBetween(0.001, 0.999);
                });
        RoundSession tooMuch =
                session(
                        2,
                        BASE,
                        view.published(),
                        new AggregationSpec.Stacking(null),
                        ranks(RankSpec.Variant.FREEZING));
        assertThat(service.open(tooMuch).problem()).isEqualTo(ProblemType.COMBINATION_REFUSED);
    }

    private void assertBase(RoundSessionView view, VersionRef before, RoundSession session) {
        VersionManifest base = registry.version(view.publishedBase());
        assertThat(base.kind()).isEqualTo(VersionKind.MERGED);
        assertThat(base.base()).isEqualTo(before);
        assertThat(base.structure()).isEqualTo(TinyModel.structure());
        assertThat(base.lineage().parent()).isEqualTo(session.parent());
        assertThat(base.lineage().round()).isEqualTo(session.round());
        assertThat(base.files())
                .extracting(file -> file.path())
                .containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(registry.version(view.published()).base()).isEqualTo(base.ref());
        assertThat(new String(registry.bytes(view.published(), "adapter_config.json")))
                .contains("\"base_model_name_or_path\" : \"filter-base\"")
                .contains("\"revision\" : \"" + base.number() + "\"");
    }

    /** W + scale * (3/4 B A of ada + 1/4 b a of bob), who trained the first component alone. */
    private void assertMerged(VersionRef before, VersionRef after, Path ada, Path bob)
            throws IOException {
        try (SafetensorsFile old = opened(before);
                SafetensorsFile base = opened(after);
                SafetensorsFile hers = SafetensorsFile.open(ada);
                SafetensorsFile his = SafetensorsFile.open(bob)) {
            assertThat(base.names()).isEqualTo(old.names());
            assertThat(base.bytes(KEY).mismatch(old.bytes(KEY))).isEqualTo(-1);
            float[] was = old.floats(QUERY + ".weight");
            float[] is = base.floats(QUERY + ".weight");
            float[] a = hers.floats(factor("A"));
            float[] b = hers.floats(factor("B"));
            float[] one = his.floats(factor("A")); // [1, 8]
            float[] other = his.floats(factor("B")); // [8, 1]
            for (int o = 0; o < 8; o++) {
                for (int i = 0; i < 8; i++) {
                    double change =
                            0.75 * ((double) b[o * 2] * a[i] + (double) b[o * 2 + 1] * a[8 + i])
                                    + 0.25 * other[o] * one[i];
                    assertThat((double) is[o * 8 + i])
                            .isCloseTo(was[o * 8 + i] + SCALE * change, within(1e-6));
                }
            }
        }
    }

    private void assertFresh(RoundSessionView view, Path ada, Path bob) throws IOException {
        Path file = folder.resolve("fresh");
        Files.write(file, registry.bytes(view.published(), "adapter_model.safetensors"));
        try (SafetensorsFile fresh = SafetensorsFile.open(file);
                SafetensorsFile hers = SafetensorsFile.open(ada);
                SafetensorsFile his = SafetensorsFile.open(bob)) {
            assertThat(fresh.floats(factor("B"))).containsOnly(0f);
            assertThat(fresh.floats(factor("A"))).doesNotContain(0f);
            float[] head = fresh.floats(HEAD);
            for (int i = 0; i < head.length; i++) {
                assertThat(head[i])
                        .isEqualTo(
                                (float)
                                        ((30.0 * hers.floats(HEAD)[i] + 10.0 * his.floats(HEAD)[i])
                                                / 40));
            }
        }
    }

    private static String factor(String name) {
        return "base_model.model." + QUERY + ".lora_" + name + ".weight";
    }

    private SafetensorsFile opened(VersionRef base) throws IOException {
        Path file = folder.resolve("opened-" + base.model() + base.number());
        return SafetensorsFile.open(Files.write(file, registry.bytes(base, "model.safetensors")));
    }

    private static VersionManifest merged(Service service, VersionRef adapter) {
        MergeAdapter asked =
                new MergeAdapter(TinyModel.JOB, adapter, new ModelName("filter-merged"));
        Service.Answer answer =
                service.json(
                        "PUT",
                        "/api/v1/jobs/" + TinyModel.JOB + "/merged-model",
                        JsonMapper.shared().writeValueAsString(asked));
        assertThat(answer.status()).isEqualTo(200);
        return answer.body(VersionManifest.class);
    }

    private static RoundSession stacking(int number, VersionRef base, VersionRef parent) {
        return session(
                number,
                base,
                parent,
                new AggregationSpec.Stacking(null),
                ranks(RankSpec.Variant.PREFIX));
    }

    private static RankSpec ranks(RankSpec.Variant variant) {
        return new RankSpec(variant, null, null, null, null);
    }

    private static RoundSession session(
            int number, VersionRef base, VersionRef parent, AggregationSpec rule, RankSpec ranks) {
        return new RoundSession(
                new RoundId(new UUID(number, 5)),
                TinyModel.JOB,
                number,
                FILTER,
                base,
                parent,
                new RoundWork.FineTune(TinyModel.ADAPTER, TinyModel.TASK, rule, ranks),
                42 + number,
                List.of(
                        invitation(ADA, Scope.whole()),
                        invitation(BOB, ranks == null ? Scope.whole() : prefix())),
                TinyModel.DEADLINE);
    }

    /** The first component of every module. */
    private static Scope prefix() {
        Map<String, List<Integer>> components = new TreeMap<>();
        TinyModel.layout().tensors().stream()
                .filter(tensor -> !tensor.kind().isTaskHead())
                .forEach(tensor -> components.put(tensor.module(), List.of(0)));
        return new Scope(null, components);
    }

    private Path handIn(
            Service service, RoundSession session, AgentName agent, Scope scope, long examples)
            throws IOException {
        Path parent = folder.resolve("parent-" + session.number());
        Files.write(parent, registry.bytes(session.parent(), "adapter_model.safetensors"));
        UpdateManifest like = TinyModel.manifest(session.round(), agent, scope, examples);
        UpdateManifest manifest =
                new UpdateManifest(
                        like.schema(),
                        like.round(),
                        like.agent(),
                        session.parent(),
                        like.scope(),
                        null,
                        null,
                        null,
                        like.examples(),
                        like.steps(),
                        like.lossBefore(),
                        like.lossAfter(),
                        like.trainSeconds());
        Path update = folder.resolve("update-" + session.number() + agent);
        TinyModel.update(update, parent, manifest, session.number() * 10L + examples);
        assertThat(service.handIn(session.round(), agent, Files.readAllBytes(update)).status())
                .isEqualTo(201);
        return update;
    }

    private void awaitVersions(ModelName model, int count) {
        long giveUp = System.nanoTime() + 120_000_000_000L;
        while (registry.version(new VersionRef(model, count)) == null) {
            assertThat(System.nanoTime()).as("nothing is published").isLessThan(giveUp);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
