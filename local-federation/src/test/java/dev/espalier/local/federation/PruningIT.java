package dev.espalier.local.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.train.LanguageModelEvaluator;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.LayerSamplingSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.PruningSpec;
import dev.espalier.protocol.job.RankAllotment;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.SparsityMap;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs that prune a language model together, and heal it, over real HTTP and a real PostgreSQL.
 * Ada, who is strong, and Bob, who is weak, hold out some of their own stories.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class PruningIT {

    private static final int WINDOW = 16;
    private static final String MASK = "mask.safetensors";
    private static final String WEIGHTS = "model.safetensors";

    private static final SparseAggregationSpec EXPANDED =
            new SparseAggregationSpec.L0MaskExpansion(null);

    @TempDir static Path folder;

    private TinyFederation undisturbed;
    private VersionRef base;
    private ModelStructure structure;

    @BeforeAll
    void startEverything() throws Exception {
        undisturbed = TinyFederation.ofStories(folder.resolve("undisturbed"), new InThisJvm());
        base = undisturbed.start();
        structure = undisturbed.registry().version(base).structure();
    }

    @AfterAll
    void stopEverything() {
        undisturbed.close();
    }

    @Test
    void oneJobPrunesTogetherAndThenHealsHeadByHeadAndRankByRank() throws Exception {
        JobView job =
                undisturbed.finished(
                        job(
                                "healed",
                                pruning(2, "0.5", Pruner.WANDA, sampled(), EXPANDED),
                                healing()));
        List<RoundView> rounds = undisturbed.orchestrator().rounds(job.id());

        assertThat(rounds).hasSize(4).allMatch(round -> round.state() == RoundState.COMPLETED);
        for (RoundView round : rounds.subList(0, 2)) {
            masksAloneTravelled(round);
        }
        assertThat(rounds).extracting(RoundView::sparsity).containsExactly(0.25, 0.5, null, null);
        VersionManifest pruned = undisturbed.registry().version(rounds.get(1).published());
        assertThat(pruned.ref()).hasToString("healed-base@2");
        assertThat(pruned.kind()).isEqualTo(VersionKind.MERGED);
        assertThat(pruned.base()).hasToString("healed-base@1");
        everyMatrixIsHalfEmpty(pruned);
        SparsityMap map = undisturbed.orchestrator().sparsityMap(job.id());
        assertThat(map.rounds()).hasSize(2);
        assertThat(map.rounds().getLast().matrices()).isEqualTo(pruned.lineage().sparsity());
        assertThat(undisturbed.registry().version(rounds.get(2).parent()).base())
                .isEqualTo(pruned.ref());
        for (RoundView round : rounds.subList(2, 4)) {
            assertThat(undisturbed.registry().version(round.published()).base())
                    .isEqualTo(pruned.ref());
            assertThat(round.clients())
                    .allSatisfy(client -> {
                        assertThat(client.keptHeads()).isEqualTo(4);
                        assertThat(client.layers()).isNull();
                    });
            assertThat(round.clients()).extracting(RoundView.Client::rank).containsExactly(4, 1);
        }
        theMergedModelKeepsTheMask(pruned.ref(), job.merged());
    }

    private void masksAloneTravelled(RoundView round) {
        assertThat(round.clients())
                .hasSize(2)
                .allSatisfy(client -> {
                    assertThat(client.outcome()).isEqualTo(RoundView.ClientOutcome.ACCEPTED);
                    assertThat(client.sparsity()).isNotNull();
                    assertThat(client.keptHeads()).isNull();
                });
        RoundView.Client ada = round.clients().getFirst();
        assertThat(ada.layers()).isEqualTo(structure.layers());
        assertThat(ada.bytesUp())
                .isEqualTo(
                        8
                                + structure.linears().stream()
                                        .mapToLong(l -> Math.ceilDiv((long) l.in() * l.out(), 8))
                                        .sum());
        assertThat(round.clients().getLast().layers()).isEqualTo(structure.layers() / 2);
        assertThat(round.evaluation().perplexity()).isPositive();
        assertThat(round.clientEvaluation().agents())
                .extracting(RoundView.OfAgent::agent)
                .containsExactly(new AgentName("ada"), new AgentName("bob"));
        assertThat(round.clientEvaluation().agents())
                .allMatch(agent -> agent.perplexity() != null && agent.perplexity() > 1);
    }

    private void everyMatrixIsHalfEmpty(VersionManifest pruned) throws Exception {
        List<MatrixSparsity> told = pruned.lineage().sparsity();
        assertThat(told).hasSameSizeAs(structure.linears());
        assertThat(told).allMatch(matrix -> matrix.zeros() * 2 == matrix.elements());
        Path files = fetched(pruned.ref());
        try (SafetensorsFile weights = SafetensorsFile.open(files.resolve(WEIGHTS));
                SafetensorsFile masks = SafetensorsFile.open(files.resolve(MASK))) {
            assertThat(masks.names()).hasSameSizeAs(told);
            for (MatrixSparsity matrix : told) {
                float[] values = weights.floats(matrix.name());
                ElementMask mask = ElementMask.of(masks.bytes(matrix.name()), values.length);
                assertThat(values.length - mask.kept()).isEqualTo(matrix.zeros());
                for (int i = 0; i < values.length; i++) {
                    assertThat(mask.keeps(i) || values[i] == 0).as(matrix.name()).isTrue();
                }
            }
        }
    }

    private void theMergedModelKeepsTheMask(VersionRef pruned, VersionRef merged) throws Exception {
        assertThat(undisturbed.files(merged).get(merged.model() + "/" + MASK))
                .isEqualTo(undisturbed.files(pruned).get(pruned.model() + "/" + MASK));
        assertThat(undisturbed.registry().version(merged).lineage().sparsity())
                .usingRecursiveComparison()
                .ignoringFields("responders")
                .isEqualTo(undisturbed.registry().version(pruned).lineage().sparsity());
        try (SafetensorsFile before = SafetensorsFile.open(fetched(pruned).resolve(WEIGHTS));
                SafetensorsFile after = SafetensorsFile.open(fetched(merged).resolve(WEIGHTS));
                SafetensorsFile masks = SafetensorsFile.open(fetched(pruned).resolve(MASK))) {
            int moved = 0;
            for (String name : masks.names()) {
                float[] values = after.floats(name);
                ElementMask mask = ElementMask.of(masks.bytes(name), values.length);
                for (int i = 0; i < values.length; i++) {
                    assertThat(mask.keeps(i) || values[i] == 0).as(name).isTrue();
                }
                moved += Arrays.equals(values, before.floats(name)) ? 0 : 1;
            }
            assertThat(moved).as("matrices that healing changed").isPositive();
        }
    }

    @Test
    void aJobThatOnlyPrunesEndsWithItsSparseBase() throws Exception {
        JobView job =
                undisturbed.finished(
                        job("sparse", pruning(1, "0.5", Pruner.SPARSE_GPT, null, EXPANDED)));
        RoundView round = undisturbed.orchestrator().rounds(job.id()).getFirst();

        assertThat(round.published()).hasToString("sparse-base@1").isEqualTo(job.merged());
        assertThat(round.traffic().bytesUp()).isLessThan(round.traffic().denseBytesUp());
        LanguageEvaluation found = onTestStories(fetched(job.merged()));
        assertThat(found.loss()).isCloseTo(round.evaluation().loss(), within(1e-4));
        assertThat(round.evaluation().agents()).hasSize(1);
    }

    @Test
    void withoutExpansionAndInGroupsAMatrixMayStayDenser() throws Exception {
        WeightPruningSpec groups =
                new WeightPruningSpec(null, "2:4", null, Pruner.WANDA, null, 8, null, null);
        JobView job =
                undisturbed.finished(
                        job("groups", phase(1, groups, null, new SparseAggregationSpec.L0())));
        RoundView round = undisturbed.orchestrator().rounds(job.id()).getFirst();

        assertThat(round.clients()).allMatch(client -> client.sparsity() == 0.5);
        assertThat(round.sparsity()).isGreaterThan(0).isLessThanOrEqualTo(0.5);
    }

    @Test
    void eachClientAloneIsABaselineOfItsOwn() throws Exception {
        JobView job =
                undisturbed.finished(
                        job(
                                "alone",
                                pruning(
                                        1,
                                        "0.5",
                                        Pruner.WANDA,
                                        null,
                                        new SparseAggregationSpec.Standalone())));
        RoundView round = undisturbed.orchestrator().rounds(job.id()).getFirst();

        List<RoundView.OfAgent> agents = round.evaluation().agents();
        assertThat(agents).extracting(agent -> agent.agent().value()).containsExactly("ada", "bob");
        assertThat(round.evaluation().perplexity())
                .isCloseTo(
                        agents.stream()
                                .mapToDouble(RoundView.OfAgent::perplexity)
                                .average()
                                .orElseThrow(),
                        within(1e-9));
        assertThat(
                        List.of(
                                onTestStories(fetched(VersionRef.parse("alone-base@1"))).loss(),
                                onTestStories(fetched(VersionRef.parse("alone-base@2"))).loss()))
                .allSatisfy(loss ->
                        assertThat(agents).anyMatch(agent -> Math.abs(agent.loss() - loss) < 1e-4));
    }

    @Test
    void whateverIsKilledInBetweenTheBytesStayTheSame() throws Exception {
        JobSpecification job =
                job("killed", pruning(2, "0.5", Pruner.SPARSE_GPT, sampled(), EXPANDED), healing());
        JobView quiet = undisturbed.finished(job);
        Path home = folder.resolve("killed");
        try (TinyFederation killed =
                TinyFederation.ofStories(home, new OwnProcess(home.resolve("logs")))) {
            killed.start();
            Deque<TinyFederation.Blow> blows =
                    new ArrayDeque<>(
                            List.of(
                                    new TinyFederation.Blow("update-accepted", 1, Part.AGGREGATION),
                                    new TinyFederation.Blow("round-started", 2, Part.AGENTS),
                                    new TinyFederation.Blow("round-sealed", 2, Part.ORCHESTRATOR),
                                    new TinyFederation.Blow("round-sealed", 3, Part.REGISTRY)));

            JobView ended = killed.follow(killed.submit(job), blows);

            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobState.COMPLETED);
            assertThat(blows).isEmpty();
            assertThat(published(killed, ended)).isEqualTo(published(undisturbed, quiet));
        }
    }

    /** Digests of the files of all rounds and of the merged model. */
    private static List<Map<String, Digest>> published(TinyFederation federation, JobView job)
            throws Exception {
        List<Map<String, Digest>> published = new ArrayList<>();
        for (RoundView round : federation.orchestrator().rounds(job.id())) {
            published.add(federation.files(round.published()));
        }
        published.add(federation.files(job.merged()));
        return published;
    }

    private Path fetched(VersionRef version) throws Exception {
        Path into = folder.resolve("fetched").resolve(version.toString().replace('@', '-'));
        undisturbed.registry().fetch(version, into);
        return into;
    }

    private static LanguageEvaluation onTestStories(Path huggingFaceFolder) throws IOException {
        try (BaseModel loaded = BaseModel.load(huggingFaceFolder)) {
            String text = String.join("\n\n", TinyLlama.stories(30, 3));
            return new LanguageModelEvaluator(loaded, 8)
                    .evaluate(
                            LanguageExample.windows(loaded.tokenizer().encode(text).ids(), WINDOW));
        }
    }

    /** Ada all layers, Bob half of them. */
    private static LayerSamplingSpec sampled() {
        return new LayerSamplingSpec(
                List.of(
                        new LayerSamplingSpec.Tier(
                                BigDecimal.ONE, null, TinyFederation.STRONG_UPLINK, null),
                        new LayerSamplingSpec.Tier(new BigDecimal("0.5"), null, null, null)),
                true);
    }

    private static PhaseSpec.Prune pruning(
            int rounds,
            String sparsity,
            Pruner pruner,
            @Nullable LayerSamplingSpec layers,
            SparseAggregationSpec rule) {
        WeightPruningSpec weights =
                new WeightPruningSpec(
                        new BigDecimal(sparsity), null, null, pruner, null, 8, null, null);
        return phase(rounds, weights, layers, rule);
    }

    private static PhaseSpec.Prune phase(
            int rounds,
            WeightPruningSpec weights,
            @Nullable LayerSamplingSpec layers,
            SparseAggregationSpec rule) {
        return new PhaseSpec.Prune(
                rounds, null, weights, layers, rule, Duration.ofMinutes(10), 1.0);
    }

    /** Half of the heads; all components for Ada, one for Bob. */
    private static PhaseSpec.FineTune healing() {
        RankSpec ranks =
                new RankSpec(
                        RankSpec.Variant.FREEZING,
                        new RankAllotment.Tiers(
                                List.of(
                                        new RankAllotment.Tier(
                                                4, null, TinyFederation.STRONG_UPLINK, null),
                                        new RankAllotment.Tier(1, null, null, null))),
                        null,
                        null,
                        null);
        HeadPruningSpec heads =
                new HeadPruningSpec(
                        new BigDecimal("0.5"),
                        null,
                        null,
                        HeadPruningSpec.Ranking.PER_BLOCK,
                        null,
                        HeadPruningSpec.Mode.FREEZE,
                        null,
                        8,
                        null,
                        null,
                        null,
                        null);
        return new PhaseSpec.FineTune(
                2,
                null,
                new AdapterSpec(4, 8.0, 0.0, List.of("q_proj", "k_proj", "v_proj", "o_proj")),
                new PruningSpec(heads),
                ranks,
                null,
                new AggregationSpec.HeadWeighted(null, null),
                new TrainingSpec(2, 4, 0.02, null, null, null, null, 32),
                Duration.ofMinutes(10),
                1.0);
    }

    private JobSpecification job(String name, PhaseSpec... phases) {
        return new JobSpecification(
                name,
                42,
                new JobSpecification.ModelSpec(
                        ModelPointer.parse(base.toString()), new ModelName(name)),
                TinyFederation.STORIES,
                TaskSpec.languageModelling(WINDOW),
                List.of(phases),
                new EvaluationSpec(TinyFederation.TEST_STORIES, 1, TinyFederation.STORIES, null),
                null);
    }
}
