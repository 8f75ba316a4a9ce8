package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.tokens.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrozenStatesTest {

    private static final List<Example> EXAMPLES = TinyModel.examples(20, 3);

    /** Of 20 texts of 4 to 20 tokens, 32 floats wide, some fit and some do not. */
    private static final long SOME = 16_000;

    private static BaseModel base;

    @BeforeAll
    static void load() {
        Compute.useThreads(1);
        base = TinyModel.load();
    }

    @AfterAll
    static void close() {
        base.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 7, 14})
    void aRunThatIsResumedEndsInTheSameBits(int pause) {
        for (long bytes : new long[] {0, SOME, TrainingSettings.USUAL_STATE_BYTES}) {
            ClassificationTrainer trainer = trainer(3, false, bytes);
            TrainingCheckpoint saved;
            try (TrainingRun run = trainer.begin(start(), EXAMPLES)) {
                for (int step = 0; step < pause; step++) {
                    run.step();
                }
                saved = run.checkpoint();
            }
            try (TrainingRun whole = trainer.begin(start(), EXAMPLES);
                    TrainingRun resumed = trainer.resume(saved, EXAMPLES)) {
                whole.run(ProgressListener.none(), () -> false);
                resumed.run(ProgressListener.none(), () -> false);

                assertThat(resumed.result()).isEqualTo(whole.result());
            }
        }
    }

    @Test
    void noMoreIsKeptThanTheMemoryHolds() {
        int width = base.structure().hidden();
        try (TrainingRun run = trainer(3, false, SOME).begin(start(), EXAMPLES)) {
            run.run(ProgressListener.none(), () -> false);

            long shortest =
                    EXAMPLES.stream().mapToInt(e -> e.tokens().length()).min().orElseThrow();
            assertThat(run.keptStates())
                    .isBetween(1, (int) (SOME / (shortest * width * Float.BYTES)))
                    .isLessThan(EXAMPLES.size());
        }
    }

    @Test
    void aStepComputesTheExamplesOfItsOwnBatchAndNoOthers() {
        try (TrainingRun run =
                trainer(3, false, TrainingSettings.USUAL_STATE_BYTES).begin(start(), EXAMPLES)) {
            run.step();
            assertThat(run.keptStates()).isEqualTo(4);
            run.run(ProgressListener.none(), () -> false);
            assertThat(run.keptStates()).isEqualTo(EXAMPLES.size());
        }
    }

    @Test
    void nothingIsKeptWhereItWouldNotBeReadAgainOrWouldDiffer() {
        assertThat(keptAfterAStep(trainer(1, false, SOME))).isZero();
        assertThat(keptAfterAStep(trainer(3, true, SOME))).isZero();
    }

    /** Five steps are an epoch; the sixth would read again. */
    @Test
    void nothingIsKeptForARunThatEndsWithItsFirstEpoch() {
        long bytes = TrainingSettings.USUAL_STATE_BYTES;

        assertThat(keptAfterAStep(trainer(settings(3, 1, 5, false, bytes)))).isZero();
        assertThat(keptAfterAStep(trainer(settings(3, 1, 6, false, bytes)))).isEqualTo(4);
        assertThat(keptAfterAStep(trainer(settings(3, 2, 3, false, bytes)))).isZero();
        assertThat(keptAfterAStep(trainer(settings(3, 2, 4, false, bytes)))).isEqualTo(8);
    }

    /** Of an adapter in every layer; what a checkpoint holds went through a file. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 7})
    void aRunOfAPartThatIsResumedFromItsFileEndsInTheSameBits(int pause, @TempDir Path folder)
            throws IOException {
        AdapterSettings everywhere = TestAdapters.usual(base, 0.1);
        AdapterWeights start = TestAdapters.scattered(base.freshAdapter(everywhere, 1), 7);
        AdapterPart last = lastBlock(everywhere);
        ClassificationTrainer trainer =
                new ClassificationTrainer(
                        base,
                        everywhere,
                        settings(3, false, TrainingSettings.USUAL_STATE_BYTES),
                        last);
        Path file = folder.resolve("checkpoint.safetensors");
        try (TrainingRun run = trainer.begin(start, EXAMPLES)) {
            for (int step = 0; step < pause; step++) {
                run.step();
            }
            run.checkpoint().write(file);
        }
        try (TrainingRun whole = trainer.begin(start, EXAMPLES);
                TrainingRun resumed = trainer.resume(TrainingCheckpoint.read(file), EXAMPLES)) {
            whole.run(ProgressListener.none(), () -> false);
            resumed.run(ProgressListener.none(), () -> false);

            assertThat(resumed.result()).isEqualTo(whole.result());
            assertThat(resumed.batches()).isEqualTo(whole.batches());
            assertThat(last.put(resumed.weights(), last.taken(start))).isEqualTo(start);
        }
    }

    @Test
    void nothingIsKeptWhereTheLowestLayerIsTrained() {
        AdapterSettings everywhere = TinyModel.ADAPTER;
        ClassificationTrainer trainer =
                new ClassificationTrainer(base, everywhere, settings(3, false, SOME));
        try (TrainingRun run = trainer.begin(base.freshAdapter(everywhere, 1), EXAMPLES)) {
            run.step();
            assertThat(run.keptStates()).isZero();
        }
    }

    /** Where only the head is trained, a step of a later epoch goes through no layer at all. */
    @Test
    void aHeadAloneIsTrainedOnStatesThatAreComputedOnce() {
        AdapterSettings none =
                new AdapterSettings(
                        2,
                        4,
                        0,
                        TargetModules.names("pooler.dense"),
                        TaskHead.trained(List.of("ham", "spam")));
        ClassificationTrainer trainer =
                new ClassificationTrainer(
                        base, none, settings(3, false, TrainingSettings.USUAL_STATE_BYTES));
        try (TrainingRun run = trainer.begin(base.freshAdapter(none, 1), EXAMPLES)) {
            run.run(ProgressListener.none(), () -> false);
            assertThat(run.keptStates()).isEqualTo(EXAMPLES.size());
            assertThat(run.result().lastLoss()).isLessThan(run.result().firstLoss());
        }
    }

    /** With an adapter in every layer of which only the last layer's is trained. */
    @Test
    void partsOfTheAdapterThatAreNotTrainedAreAsFrozenAsTheBase() {
        AdapterSettings everywhere =
                new AdapterSettings(
                        2, 4, 0.1, TargetModules.names("query", "value"), lastLayer().head());
        AdapterWeights start = TestAdapters.scattered(base.freshAdapter(everywhere, 1), 7);
        AdapterPart last = lastBlock(everywhere);
        AdapterWeights kept = trained(everywhere, last, TrainingSettings.USUAL_STATE_BYTES, start);
        AdapterWeights plain = trained(everywhere, last, 0, start);

        for (String name : start.names()) {
            if (last.of(name).isEmpty()) {
                assertThat(kept.values(name)).as(name).containsExactly(start.values(name));
            }
            assertThat(kept.values(name))
                    .as(name)
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(plain.values(name));
        }
        assertThat(kept).isNotEqualTo(start);
    }

    private static AdapterPart lastBlock(AdapterSettings adapter) {
        HeadMask none = HeadMask.all(base.structure());
        boolean[][] heads = none.toArray();
        Arrays.fill(heads[0], false);
        return AdapterPart.ofHeads(ModelHeads.kept(base.structure(), HeadMask.of(heads)), adapter);
    }

    private static AdapterWeights trained(
            AdapterSettings adapter, AdapterPart part, long bytes, AdapterWeights start) {
        ClassificationTrainer trainer =
                new ClassificationTrainer(base, adapter, settings(3, false, bytes), part);
        try (TrainingRun run = trainer.begin(start, EXAMPLES)) {
            run.run(ProgressListener.none(), () -> false);
            assertThat(run.keptStates()).isEqualTo(bytes == 0 ? 0 : EXAMPLES.size());
            return run.weights();
        }
    }

    private static int keptAfterAStep(ClassificationTrainer trainer) {
        try (TrainingRun run = trainer.begin(start(), EXAMPLES)) {
            run.step();
            return run.keptStates();
        }
    }

    private static AdapterSettings lastLayer() {
        return new AdapterSettings(
                2,
                4,
                0.1,
                TargetModules.names("layer.1.attention.self.query"),
                TaskHead.trained(List.of("ham", "spam")));
    }

    private static AdapterWeights start() {
        return base.freshAdapter(lastLayer(), 1);
    }

    private static ClassificationTrainer trainer(int epochs, boolean modelDropout, long bytes) {
        return trainer(settings(epochs, modelDropout, bytes));
    }

    private static ClassificationTrainer trainer(TrainingSettings settings) {
        return new ClassificationTrainer(base, lastLayer(), settings);
    }

    private static TrainingSettings settings(int epochs, boolean modelDropout, long bytes) {
        return settings(epochs, 1, Integer.MAX_VALUE, modelDropout, bytes);
    }

    private static TrainingSettings settings(
            int epochs, int accumulation, int maxSteps, boolean modelDropout, long bytes) {
        return new TrainingSettings(
                epochs,
                4,
                accumulation,
                1e-2,
                LearningRateSchedule.LINEAR,
                0.01,
                0,
                1,
                maxSteps,
                modelDropout,
                5,
                bytes);
    }
}
