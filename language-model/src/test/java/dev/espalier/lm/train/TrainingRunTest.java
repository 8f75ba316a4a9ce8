package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.metric.Evaluation;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingRunTest {

    private static final List<Example> EXAMPLES = TinyModel.examples(75, 3);

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

    @Test
    void theSameSeedGivesTheSameBits() {
        assertThat(trained(5)).isEqualTo(trained(5));
    }

    @Test
    void anotherSeedGivesOtherValues() {
        assertThat(trained(5)).isNotEqualTo(trained(6));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 9, 10})
    void aRunThatIsSavedAndResumedEndsInTheSameBits(int pause, @TempDir Path folder)
            throws IOException {
        ClassificationTrainer trainer = trainer(5);
        Path file = folder.resolve("checkpoint.safetensors");
        try (TrainingRun first = trainer.begin(start(), EXAMPLES)) {
            for (int step = 0; step < pause; step++) {
                first.step();
            }
            first.checkpoint().write(file);
        }

        TrainingResult whole =
                finished(trainer.train(start(), EXAMPLES, ProgressListener.none(), () -> false));
        try (TrainingRun second = trainer.resume(TrainingCheckpoint.read(file), EXAMPLES)) {
            assertThat(finished(second.run(ProgressListener.none(), () -> false))).isEqualTo(whole);
        }
    }

    @Test
    void aCheckpointOfAnotherRunIsRefused() {
        TrainingCheckpoint checkpoint;
        try (TrainingRun run = trainer(5).begin(start(), EXAMPLES)) {
            checkpoint = run.checkpoint();
        }

        assertThatThrownBy(() -> trainer(6).resume(checkpoint, EXAMPLES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other settings or examples");
        assertThatThrownBy(() -> trainer(5).resume(checkpoint, TinyModel.examples(75, 4)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void runsSideBySideGiveTheSameBitsAsOneAfterTheOther() throws Exception {
        List<AdapterWeights> alone = new ArrayList<>();
        for (int agent = 0; agent < 4; agent++) {
            alone.add(trained(agent));
        }

        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<AdapterWeights>> together = new ArrayList<>();
            for (int agent = 0; agent < 4; agent++) {
                int seed = agent;
                together.add(threads.submit(() -> trained(seed)));
            }
            for (int agent = 0; agent < 4; agent++) {
                assertThat(together.get(agent).get()).isEqualTo(alone.get(agent));
            }
        }
    }

    @Test
    void aTaskThatCanBeLearntIsLearnt() {
        List<Example> many = TinyModel.examples(400, 9);
        TrainingResult result =
                finished(
                        new ClassificationTrainer(
                                        base, TinyModel.ADAPTER, TinyModel.settings(6, 16, 1))
                                .train(start(), many, ProgressListener.none(), () -> false));
        Evaluator evaluator = new Evaluator(base, TinyModel.ADAPTER, 32);

        Evaluation before = evaluator.evaluate(start(), TinyModel.examples(200, 10));
        Evaluation after = evaluator.evaluate(result.weights(), TinyModel.examples(200, 10));

        assertThat(result.lastLoss()).isLessThan(result.firstLoss());
        assertThat(after.loss()).isLessThan(before.loss());
        assertThat(after.accuracy()).isGreaterThan(0.9);
        assertThat(after.macroF1()).isGreaterThan(0.9);
    }

    @Test
    void hundredsOfStepsLeaveNothingBehindInTheEngine() {
        try (TrainingRun run =
                new ClassificationTrainer(base, TinyModel.ADAPTER, TinyModel.settings(80, 16, 1))
                        .begin(start(), EXAMPLES)) {
            run.step();
            int base0 = base.weights().manager().getManagedArrays().size();
            int adapter0 = run.nativeArrays();
            while (!run.isDone()) {
                run.step();
                assertThat(base.weights().manager().getManagedArrays()).hasSize(base0);
                assertThat(run.nativeArrays()).isEqualTo(adapter0);
            }
            assertThat(run.steps()).isEqualTo(400);
        }
    }

    @Test
    void evaluatingLeavesNothingBehindInTheEngine() {
        int before = base.weights().manager().getManagedArrays().size();

        for (int i = 0; i < 20; i++) {
            new Evaluator(base, TinyModel.ADAPTER, 16).evaluate(start(), EXAMPLES);
        }

        assertThat(base.weights().manager().getManagedArrays()).hasSize(before);
    }

    @Test
    void stoppingTakesEffectBeforeTheNextStep() {
        AtomicInteger steps = new AtomicInteger();

        TrainingOutcome outcome =
                trainer(5)
                        .train(
                                start(),
                                EXAMPLES,
                                report -> steps.incrementAndGet(),
                                () -> steps.get() == 3);

        assertThat(outcome).isInstanceOf(TrainingOutcome.Stopped.class);
        assertThat(((TrainingOutcome.Stopped) outcome).checkpoint().step()).isEqualTo(3);
        assertThat(steps).hasValue(3);
    }

    @Test
    void everyStepIsReportedWithItsExamples() {
        List<StepReport> reports = new ArrayList<>();

        TrainingResult result =
                finished(trainer(5).train(start(), EXAMPLES, reports::add, () -> false));

        assertThat(reports).hasSize(10).allMatch(r -> r.steps() == 10);
        assertThat(reports)
                .extracting(StepReport::step)
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        assertThat(reports.getLast().examples()).isEqualTo(150);
        assertThat(result.examples()).isEqualTo(150);
        assertThat(result.firstLoss()).isEqualTo(reports.getFirst().loss());
        assertThat(result.lastLoss()).isEqualTo(reports.getLast().loss());
        assertThat(result.meanLoss())
                .isCloseTo(
                        reports.stream().mapToDouble(StepReport::loss).average().orElseThrow(),
                        within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5})
    void theBatchesOfTheStepsDoneSoFarAreKnown(int steps) {
        TrainingSettings pairs =
                new TrainingSettings(
                        2, 16, 2, 1e-2, LearningRateSchedule.LINEAR, 0, 0, 1, 9, false, 1);
        ClassificationTrainer trainer = new ClassificationTrainer(base, TinyModel.ADAPTER, pairs);
        try (TrainingRun run = trainer.begin(start(), EXAMPLES)) {
            int[] expected = {0, 2, 4, 5, 7, 9, 10}; // 75 texts: 5 batches an epoch, 2 a step
            long seen = 0;
            for (int step = 0; step < steps; step++) {
                seen = run.step().examples();
            }

            List<BatchShape> batches = run.batches().whole();
            assertThat(batches).hasSize(expected[steps]);
            assertThat(batches.stream().mapToLong(BatchShape::size).sum()).isEqualTo(seen);
            assertThat(batches).allMatch(batch -> batch.length() <= 20);
            try (TrainingRun resumed = trainer.resume(run.checkpoint(), EXAMPLES)) {
                assertThat(resumed.batches()).isEqualTo(run.batches());
            }
        }
    }

    @Test
    void aBatchIsAsLongAsItsLongestText() {
        int longest = EXAMPLES.stream().mapToInt(e -> e.tokens().length()).max().orElseThrow();
        int shortest = EXAMPLES.stream().mapToInt(e -> e.tokens().length()).min().orElseThrow();
        TrainingSettings one = TinyModel.settings(1, 75, 1);
        TrainingSettings each = TinyModel.settings(1, 1, 1);

        assertThat(batches(one)).containsExactly(new BatchShape(75, longest));
        assertThat(batches(each))
                .hasSize(75)
                .contains(new BatchShape(1, longest), new BatchShape(1, shortest));
    }

    private static List<BatchShape> batches(TrainingSettings settings) {
        try (TrainingRun run =
                new ClassificationTrainer(base, TinyModel.ADAPTER, settings)
                        .begin(start(), EXAMPLES)) {
            run.run(ProgressListener.none(), () -> false);
            return run.batches().whole();
        }
    }

    @Test
    void aLimitOnStepsEndsTheRunEarly() {
        TrainingSettings limited =
                new TrainingSettings(
                        9, 16, 1, 1e-2, LearningRateSchedule.LINEAR, 0, 0, 1, 3, false, 1);

        TrainingResult result =
                finished(
                        new ClassificationTrainer(base, TinyModel.ADAPTER, limited)
                                .train(start(), EXAMPLES, ProgressListener.none(), () -> false));

        assertThat(result.steps()).isEqualTo(3);
    }

    @Test
    void accumulatingSmallBatchesIsOneLargeBatch() {
        List<Example> examples = TinyModel.examples(15, 3); // 15 = 4 + 4 + 4 + 3
        LiveAdapter live = base.adapt(TinyModel.ADAPTER, start());
        try (live) {
            Classifier classifier = new Classifier(base, live);
            TrainedTensors tensors = new TrainedTensors(live, start());
            classifier.backward(examples, Entrance.EMBEDDINGS, Masks.NONE, 1);
            tensors.takeGradients();
            AdapterWeights atOnce = tensors.gradients();
            for (int from = 0; from < 15; from += 4) {
                List<Example> part = examples.subList(from, Math.min(from + 4, 15));
                classifier.backward(part, Entrance.EMBEDDINGS, Masks.NONE, part.size() / 15.0);
            }
            tensors.takeGradients();

            for (String name : atOnce.names()) {
                assertThat(tensors.gradients().values(name))
                        .containsExactly(atOnce.values(name), within(1e-6f));
            }
        }
    }

    @Test
    void droppedInputsAreDrawnAnewInEveryStepAndTheSameOnARepeat() {
        try (LiveAdapter live = base.adapt(TinyModel.ADAPTER, trained(5))) {
            Classifier classifier = new Classifier(base, live);

            double once = classifier.backward(EXAMPLES, Entrance.EMBEDDINGS, masks(1), 1);
            double again = classifier.backward(EXAMPLES, Entrance.EMBEDDINGS, masks(1), 1);
            double later = classifier.backward(EXAMPLES, Entrance.EMBEDDINGS, masks(2), 1);

            assertThat(again).isEqualTo(once);
            assertThat(later).isNotEqualTo(once);
        }
    }

    @Test
    void theModelsOwnDropoutIsOnOnlyWhenAskedForAndThenReproducible(@TempDir Path folder)
            throws IOException {
        Path tiny = Goldens.bundled("bert");
        Files.copy(tiny.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Files.writeString(
                folder.resolve("config.json"),
                Files.readString(tiny.resolve("config.json"))
                        .replaceAll("dropout(_prob)?\": 0.0", "dropout$1\": 0.2"));
        try (BaseModel dropping = BaseModel.load(folder)) {
            TrainingSettings on = TinyModel.settings(2, 16, 5);
            TrainingSettings off =
                    new TrainingSettings(
                            on.epochs(),
                            on.batchSize(),
                            on.accumulation(),
                            on.learningRate(),
                            on.schedule(),
                            on.weightDecay(),
                            on.warmupFraction(),
                            on.clipNorm(),
                            on.maxSteps(),
                            false,
                            on.seed());

            assertThat(trained(dropping, on)).isEqualTo(trained(dropping, on));
            assertThat(trained(dropping, on)).isNotEqualTo(trained(dropping, off));
            assertThat(trained(dropping, off)).isEqualTo(trained(base, off));
        }
    }

    @Test
    void aVirtualThreadIsRefused() throws InterruptedException {
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        try (TrainingRun run = trainer(5).begin(start(), EXAMPLES)) {
            Thread.ofVirtual().start(() -> refusal.set(catchThrowable(run::step))).join();
        }

        assertThat(refusal.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("platform thread");
    }

    @Test
    void aLossThatIsNoNumberStopsTheRun() {
        TrainingSettings absurd =
                new TrainingSettings(
                        50,
                        16,
                        1,
                        1e30,
                        LearningRateSchedule.CONSTANT,
                        0,
                        0,
                        Double.POSITIVE_INFINITY,
                        Integer.MAX_VALUE,
                        false,
                        1);

        assertThatThrownBy(() ->
                        new ClassificationTrainer(base, TinyModel.ADAPTER, absurd)
                                .train(start(), EXAMPLES, ProgressListener.none(), () -> false))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("lower the learning rate");
    }

    @Test
    void examplesThatDoNotFitTheModelAreRefusedWithTheirNumber() {
        int longest = base.structure().maxPositions();
        assertRefused(example(1, 2), "example 1 has label 2 of 2 classes");
        assertRefused(example(longest + 1, 0), "example 1 has %d tokens".formatted(longest + 1));
        Example strange =
                new Example(
                        new TokenSequence(new int[] {base.structure().vocabulary()}, new int[1]),
                        0);
        assertRefused(strange, "example 1 has a token");
        assertThatThrownBy(() -> trainer(1).begin(start(), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no examples");
    }

    private static void assertRefused(Example bad, String message) {
        assertThatThrownBy(() -> trainer(1).begin(start(), List.of(example(2, 0), bad)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static Example example(int length, int label) {
        return new Example(new TokenSequence(new int[length], new int[length]), label);
    }

    private static Masks masks(long step) {
        return new Masks(Dropout.of(1, step, 0), Dropout.NONE);
    }

    private static AdapterWeights trained(long seed) {
        return finished(
                        trainer(seed)
                                .train(start(), EXAMPLES, ProgressListener.none(), () -> false))
                .weights();
    }

    private static AdapterWeights trained(BaseModel model, TrainingSettings settings) {
        return finished(
                        new ClassificationTrainer(model, TinyModel.ADAPTER, settings)
                                .train(start(), EXAMPLES, ProgressListener.none(), () -> false))
                .weights();
    }

    private static TrainingResult finished(TrainingOutcome outcome) {
        return ((TrainingOutcome.Finished) outcome).result();
    }

    /** 75 examples, 2 epochs of 5 batches. */
    private static ClassificationTrainer trainer(long seed) {
        AdapterSettings adapter = TinyModel.ADAPTER;
        return new ClassificationTrainer(base, adapter, TinyModel.settings(2, 16, seed));
    }

    private static AdapterWeights start() {
        return base.freshAdapter(TinyModel.ADAPTER, 77);
    }
}
