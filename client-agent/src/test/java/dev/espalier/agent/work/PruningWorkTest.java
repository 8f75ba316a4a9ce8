package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.prune.Calibration;
import dev.espalier.lm.prune.LayerwisePruning;
import dev.espalier.lm.prune.PrunedMatrix;
import dev.espalier.lm.prune.PrunedWeights;
import dev.espalier.lm.prune.PruningOutcome;
import dev.espalier.lm.prune.PruningProgress;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.job.WeightPruningSpec.CutRule;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import dev.espalier.protocol.work.PrunePlan;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Weights of tiny models pruned on an agent's rows. */
class PruningWorkTest {

    private static final int ROWS = 30;

    @TempDir private Path folder;

    private final MemoryAggregation aggregation = new MemoryAggregation();
    private TestBench bench;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    static Stream<Arguments> kindsAndPruners() {
        return Stream.of(PruningKind.values())
                .flatMap(kind ->
                        Stream.of(Pruner.values()).map(pruner -> Arguments.of(kind, pruner)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("kindsAndPruners")
    void theUpdateIsWhatTheLibraryMakesOfTheSameTexts(PruningKind kind, Pruner pruner)
            throws Exception {
        Path data = kind.data(folder, ROWS);
        kind.read(bench, data);
        PrunePlan plan = plan("0.5", pruner, 1000, 0, 1);

        Outcome.Pruned pruned = (Outcome.Pruned) perform(kind.prune(1, plan));

        PrunedWeights expected = new PrunedWeights();
        PruningOutcome.Finished outcome = library(kind, data, plan, expected);
        assertSame(expected);
        assertThat(pruned.cost().macs()).isEqualTo(outcome.cost().total());
        assertThat(pruned.cost().attentionMacs()).isZero();
        assertThat(pruned.digest()).isEqualTo(Digest.of(update(1)));
        assertThat(pruned.bytesDown()).isPositive().isEqualTo(pruned.baseBytesDown());
        assertThat(manifest(1))
                .isEqualTo(
                        new PruningManifest(
                                1,
                                kind.prune(1, plan).round(),
                                TestBench.ADA,
                                kind.base,
                                Scope.ofLayers(List.of(0, 1)),
                                pruner,
                                ROWS,
                                pruner == Pruner.MAGNITUDE ? 0 : read(kind, data),
                                0));
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheLayersOfThePlanArePrunedUnderTheirNamesInTheWeightsFile(PruningKind kind)
            throws Exception {
        Path data = kind.data(folder, ROWS);
        kind.read(bench, data);
        PrunePlan plan = plan("0.5", Pruner.WANDA, 1000, 1);

        perform(kind.prune(1, plan));

        PrunedWeights expected = new PrunedWeights();
        library(kind, data, plan, expected);
        assertSame(expected);
        try (UpdateFile update = open(1);
                SafetensorsFile weights =
                        SafetensorsFile.open(kind.model.resolve("model.safetensors"))) {
            assertThat(weights.names()).containsAll(update.tensorNames());
        }
    }

    static Stream<Arguments> prunersAndCuts() {
        return Stream.of(Pruner.values())
                .flatMap(pruner ->
                        Stream.of(true, false).map(groups -> Arguments.of(pruner, groups)));
    }

    @ParameterizedTest(name = "{0} in groups: {1}")
    @MethodSource("prunersAndCuts")
    void groupsAndTheOfficialCutAreAskedForByThePlan(Pruner pruner, boolean inGroups)
            throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        Path data = kind.data(folder, ROWS);
        kind.read(bench, data);
        PrunePlan plan =
                inGroups
                        ? new PrunePlan(List.of(0), null, spec(null, "2:4", pruner, null, 1000))
                        : new PrunePlan(
                                List.of(0),
                                new BigDecimal("0.3"),
                                spec("0.3", null, pruner, CutRule.REFERENCE, 1000));

        perform(kind.prune(1, plan));

        PrunedWeights expected = new PrunedWeights();
        PruningOutcome.Finished outcome = library(kind, data, plan, expected);
        assertSame(expected);
        if (inGroups) {
            assertThat(outcome.sparsity()).isEqualTo(0.5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void calibrationIsDrawnByTheSeed(PruningKind kind) throws Exception {
        kind.read(bench, kind.data(folder, 60));
        PrunePlan few = plan("0.5", Pruner.WANDA, 3, 0);

        perform(kind.prune(1, few));
        perform(kind.prune(2, few));
        MemoryAggregation again = new MemoryAggregation();
        bench.agent(folder.resolve("home"), () -> 0, again)
                .perform(kind.prune(1, few), new StillHeart());

        assertThat(manifest(1).calibrationSamples()).isEqualTo(3);
        assertThat(again.update(kind.prune(1, few).round(), TestBench.ADA)).isEqualTo(update(1));
        assertThat(masks(2)).isNotEqualTo(masks(1));
    }

    /** Which could not be cut into a single window. */
    @Test
    void magnitudeReadsNoText() throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, 1));

        assertThat(reason(kind.prune(1, plan("0.5", Pruner.WANDA, 8, 0))))
                .contains("fewer tokens than one window");
        Outcome.Pruned pruned =
                (Outcome.Pruned) perform(kind.prune(2, plan("0.5", Pruner.MAGNITUDE, 8, 0)));

        assertThat(pruned.cost().macs()).isZero();
        assertThat(manifest(2).calibrationSamples()).isZero();
        assertThat(manifest(2).examples()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatLosesNothingIsSentWithoutAMaskWhereValuesTravel(Pruner pruner) throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));

        perform(kind.prune(1, plan("0", pruner, 8, 0)));

        try (UpdateFile update = open(1)) {
            for (String name : update.tensorNames()) {
                assertThat(update.valueType(name).isPresent()).isEqualTo(pruner.changesValues());
            }
            assertThat(update.tensorNames()).hasSize(7);
        }
        try (SafetensorsFile stored = SafetensorsFile.open(folder.resolve("update-1"))) {
            assertThat(stored.names().stream().anyMatch(name -> name.endsWith("#bitmap")))
                    .isEqualTo(!pruner.changesValues());
        }
    }

    /** Below a density of 1/32 the places of kept values are shorter than their bitmap. */
    @ParameterizedTest
    @CsvSource({"0.96, #bitmap", "0.98, #places"})
    void whatIsKeptIsToldInTheFewerBytes(String sparsity, String suffix) throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        Path data = kind.data(folder, ROWS);
        kind.read(bench, data);
        PrunePlan plan = plan(sparsity, Pruner.SPARSE_GPT, 1000, 0);

        perform(kind.prune(1, plan));

        PrunedWeights expected = new PrunedWeights();
        library(kind, data, plan, expected);
        assertSame(expected);
        try (SafetensorsFile stored = SafetensorsFile.open(folder.resolve("update-1"))) {
            assertThat(stored.names()).filteredOn(name -> name.contains("#")).hasSize(7);
            assertThat(stored.names())
                    .filteredOn(name -> name.contains("#"))
                    .allMatch(name -> name.endsWith(suffix));
        }
    }

    @Test
    void progressIsToldUpToTheEnd() throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));
        List<Progress> told = new ArrayList<>();

        bench.agent(folder.resolve("home"), () -> 0, aggregation)
                .perform(
                        kind.prune(1, plan("0.5", Pruner.WANDA, 8, 1)),
                        new StillHeart() {
                            @Override
                            public void note(Progress progress) {
                                if (progress.stage() == Progress.Stage.PRUNING) {
                                    told.add(progress);
                                }
                            }
                        });

        assertThat(told.stream().map(Progress::step)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(told.getLast().steps()).isEqualTo(2 + 7);
    }

    static Stream<Arguments> hostilePlans() {
        WeightPruningSpec good = spec("0.5", null, Pruner.WANDA, null, 8);
        WeightPruningSpec groups = spec(null, "2:4", Pruner.WANDA, null, 8);
        BigDecimal half = new BigDecimal("0.5");
        return Stream.of(
                Arguments.of(new PrunePlan(List.of(), half, good), "layers"),
                Arguments.of(new PrunePlan(List.of(2), half, good), "some of 0 to 1"),
                Arguments.of(new PrunePlan(List.of(-1, 0), half, good), "some of 0 to 1"),
                Arguments.of(new PrunePlan(List.of(0, 0), half, good), "each once"),
                Arguments.of(new PrunePlan(List.of(1, 0), half, good), "ascending"),
                Arguments.of(plan("1", Pruner.WANDA, 8, 0), "in [0, 1)"),
                Arguments.of(plan("-0.1", Pruner.WANDA, 8, 0), "in [0, 1)"),
                Arguments.of(plan("1E-1000000000", Pruner.WANDA, 8, 0), "decimals"),
                Arguments.of(new PrunePlan(List.of(0), null, good), "either a sparsity or"),
                Arguments.of(new PrunePlan(List.of(0), half, groups), "either a sparsity or"),
                Arguments.of(pattern("4:4"), "N below M"),
                Arguments.of(pattern("2:x"), "N below M"),
                Arguments.of(pattern("0:4"), "N below M"),
                Arguments.of(pattern("2:7"), "cannot be cut into groups of 7"),
                Arguments.of(plan("0.5", Pruner.WANDA, 0, 0), "calibrationSamples"),
                Arguments.of(sparseGpt(-1.0, 128), "dampening"),
                Arguments.of(sparseGpt(Double.NaN, 128), "dampening"),
                Arguments.of(sparseGpt(0.01, 0), "blockSize"));
    }

    @ParameterizedTest
    @MethodSource("hostilePlans")
    void aPlanThatCannotBeFollowedIsRefusedByName(PrunePlan plan, String reason) throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));

        assertThat(reason(kind.prune(1, plan))).contains(reason);
        assertThat(aggregation.count()).isZero();
    }

    @Test
    void aModelOrDataForAnotherTaskAreRefusedByName() throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));
        PrunePlan plan = plan("0.5", Pruner.WANDA, 8, 0);

        assertThat(reason(PruningKind.CLASSIFIES.prune(1, plan)))
                .isEqualTo("data 'mail' of this agent is for CAUSAL_LANGUAGE_MODELLING");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 9})
    void aStopIsHeardBetweenMatrices(int step) throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));
        Assignment.Prune prune = kind.prune(1, plan("0.5", Pruner.SPARSE_GPT, 8, 0, 1));
        AtomicInteger seen = new AtomicInteger();

        assertThat(
                        bench.agent(folder.resolve("home"), () -> 0, aggregation)
                                .perform(
                                        prune,
                                        new StillHeart() {
                                            @Override
                                            public void note(Progress progress) {
                                                seen.set(progress.step());
                                            }

                                            @Override
                                            public boolean isStopped() {
                                                return seen.get() == step;
                                            }
                                        }))
                .isEmpty();

        assertThat(seen).hasValue(step);
        assertThat(aggregation.count()).isZero();
        assertThat(page(prune).spool()).doesNotExist();
    }

    @Test
    void shuttingDownEndsItAndTheNextProcessMakesTheSame() throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));
        Assignment.Prune prune = kind.prune(1, plan("0.5", Pruner.SPARSE_GPT, 8, 0, 1));
        byte[] expected = uninterrupted(prune);

        assertThatThrownBy(() ->
                        bench.agent(folder.resolve("home"), () -> 0, aggregation)
                                .perform(
                                        prune,
                                        new StillHeart() {
                                            @Override
                                            public void note(Progress progress) {
                                                if (progress.step() == 5) {
                                                    Thread.currentThread().interrupt();
                                                }
                                            }
                                        }))
                .isInstanceOf(InterruptedException.class);
        perform(prune);

        assertThat(update(1)).isEqualTo(expected);
    }

    /** The clock is looked at before and after the pruning, and after every step of it. */
    @ParameterizedTest(name = "killed at call {0} of the clock")
    @ValueSource(ints = {1, 2, 7, 16, 17, 18})
    void aCrashAnywhereGivesTheSameBytes(int cut) throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));
        Assignment.Prune prune = kind.prune(1, plan("0.5", Pruner.SPARSE_GPT, 8, 0, 1));
        byte[] expected = uninterrupted(prune);
        AtomicInteger calls = new AtomicInteger();
        LongSupplier killer =
                () -> {
                    if (calls.incrementAndGet() == cut) {
                        throw new Crash();
                    }
                    return 0;
                };

        assertThatThrownBy(() ->
                        bench.agent(folder.resolve("home"), killer, aggregation)
                                .perform(prune, new StillHeart()))
                .isInstanceOf(Crash.class);
        boolean finished = page(prune).finished().isPresent();
        List<Progress.Stage> stages = new ArrayList<>();
        bench.agent(folder.resolve("home"), () -> 0, aggregation)
                .perform(
                        prune,
                        new StillHeart() {
                            @Override
                            public void note(Progress progress) {
                                stages.add(progress.stage());
                            }
                        });

        assertThat(update(1)).isEqualTo(expected);
        assertThat(stages.contains(Progress.Stage.PRUNING)).isEqualTo(!finished);
        assertThat(page(prune).spool()).doesNotExist();
    }

    @Test
    void whatAKillLeftBehindIsNotMixedIn() throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        kind.read(bench, kind.data(folder, ROWS));
        Assignment.Prune prune = kind.prune(1, plan("0.5", Pruner.WANDA, 8, 0));
        byte[] expected = uninterrupted(prune);
        Path spool = Files.createDirectories(page(prune).spool());
        Files.write(spool.resolve("0.safetensors"), new byte[] {1, 2, 3});
        Files.write(spool.resolve("77.safetensors"), expected);

        perform(prune);

        assertThat(update(1)).isEqualTo(expected);
    }

    private byte[] uninterrupted(Assignment.Prune prune) throws Exception {
        MemoryAggregation alone = new MemoryAggregation();
        bench.agent(folder.resolve("whole"), () -> 0, alone).perform(prune, new StillHeart());
        return alone.update(prune.round(), TestBench.ADA);
    }

    private Page page(Assignment.Prune prune) throws IOException {
        return new Journal(folder.resolve("home"), JsonMapper.shared()).page(prune.id());
    }

    private String reason(Assignment assignment) throws Exception {
        return ((Outcome.Failed) perform(assignment)).reason();
    }

    private static PrunePlan pattern(String pattern) {
        return new PrunePlan(List.of(0), null, spec(null, pattern, Pruner.WANDA, null, 8));
    }

    private static PrunePlan sparseGpt(double dampening, int blockSize) {
        BigDecimal half = new BigDecimal("0.5");
        WeightPruningSpec spec =
                new WeightPruningSpec(
                        half, null, null, Pruner.SPARSE_GPT, null, 8, dampening, blockSize);
        return new PrunePlan(List.of(0), half, spec);
    }

    /** Of a round whose update is masks alone. */
    private Map<String, List<Long>> masks(int number) throws IOException {
        Map<String, List<Long>> masks = new TreeMap<>();
        open(number).close();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("update-" + number))) {
            for (String name : file.names()) {
                byte[] bits = file.bytes(name).toArray(ValueLayout.JAVA_BYTE);
                masks.put(name, BitSet.valueOf(bits).stream().asLongStream().boxed().toList());
            }
        }
        return masks;
    }

    /** Like a kill: nothing of ours catches it. */
    private static final class Crash extends Error {

        private static final long serialVersionUID = 1;
    }

    private static int read(PruningKind kind, Path data) throws IOException {
        try (BaseModel base = BaseModel.load(kind.model)) {
            return switch (kind.calibration(base, data)) {
                case Calibration.Texts(var texts) -> texts.size();
                case Calibration.Pairs(var pairs) -> pairs.size();
            };
        }
    }

    private static PruningOutcome.Finished library(
            PruningKind kind, Path data, PrunePlan plan, PrunedWeights matrices)
            throws IOException {
        try (BaseModel base = BaseModel.load(kind.model)) {
            return (PruningOutcome.Finished)
                    new LayerwisePruning(base, PruneRules.settings(plan), 32)
                            .prune(
                                    kind.calibration(base, data),
                                    new TreeSet<>(plan.layers()),
                                    matrices,
                                    PruningProgress.Listener.none(),
                                    () -> false);
        }
    }

    /** The first round's update has these matrices and no others. */
    private void assertSame(PrunedWeights expected) throws IOException {
        try (UpdateFile update = open(1)) {
            assertThat(update.tensorNames())
                    .containsExactlyInAnyOrderElementsOf(
                            expected.matrices().stream().map(m -> m.tensor().name()).toList());
            for (PrunedMatrix matrix : expected.matrices()) {
                MaskedTensor wanted = matrix.tensor();
                MaskedTensor sent = update.tensor(wanted.name(), wanted.shape());
                assertThat(sent.encoding()).hasSameClassAs(wanted.encoding());
                assertThat(kept(sent)).isEqualTo(kept(wanted));
                if (!(wanted.encoding() instanceof Encoding.MaskOnly)) {
                    assertThat(values(sent)).isEqualTo(values(wanted));
                }
            }
        }
    }

    private static int[] kept(MaskedTensor tensor) {
        return IntStream.range(0, (int) tensor.shape().elements())
                .filter(tensor::contributes)
                .toArray();
    }

    private static float[] values(MaskedTensor tensor) {
        float[] values = new float[(int) tensor.valueCount()];
        tensor.readValues(0, values, 0, values.length);
        return values;
    }

    static PrunePlan plan(String sparsity, Pruner pruner, int samples, Integer... layers) {
        return new PrunePlan(
                List.of(layers),
                new BigDecimal(sparsity),
                spec(sparsity, null, pruner, null, samples));
    }

    private static WeightPruningSpec spec(
            @Nullable String sparsity,
            @Nullable String pattern,
            Pruner pruner,
            @Nullable CutRule rule,
            int samples) {
        return new WeightPruningSpec(
                sparsity == null ? null : new BigDecimal(sparsity),
                pattern,
                null,
                pruner,
                rule,
                samples,
                null,
                null);
    }

    private PruningManifest manifest(int number) throws IOException {
        try (UpdateFile file = open(number)) {
            return JsonMapper.shared()
                    .readValue(
                            file.metadata().get(PruningManifest.METADATA_KEY),
                            PruningManifest.class);
        }
    }

    private UpdateFile open(int number) throws IOException {
        return UpdateFile.open(Files.write(folder.resolve("update-" + number), update(number)));
    }

    private byte[] update(int number) {
        return aggregation.update(
                PruningKind.CLASSIFIES.prune(number, plan("0", Pruner.WANDA, 1, 0)).round(),
                TestBench.ADA);
    }

    private Outcome perform(Assignment assignment) throws Exception {
        return bench.agent(folder.resolve("home"), () -> 0, aggregation)
                .perform(assignment, new StillHeart())
                .orElseThrow();
    }
}
