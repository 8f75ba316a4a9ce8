package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.generate.GenerationSettings;
import dev.espalier.lm.generate.TextToTextGenerator;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextToTextTrainerTest {

    /** Targets that count on from where their source begins. */
    private static final List<TextToTextExample> EXAMPLES = counting(40);

    @BeforeAll
    static void sameBytesNeedOneThread() {
        Compute.useThreads(1);
    }

    static Stream<String> families() {
        return Goldens.textToText();
    }

    @ParameterizedTest
    @MethodSource("families")
    void aModelLearnsToWriteWhatFollowsFromTheSource(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            AdapterSettings adapter = everywhere();
            TextToTextEvaluator evaluator = new TextToTextEvaluator(base, 16);
            LanguageEvaluation before = evaluator.evaluate(EXAMPLES);

            AdapterWeights after = trained(base, adapter, TinyModel.settings(15, 8, 1));

            assertThat(evaluator.evaluate(adapter, after, EXAMPLES).perplexity())
                    .isLessThan(0.2 * before.perplexity());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aFreshAdapterForetellsAsItsBase(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            TextToTextEvaluator evaluator = new TextToTextEvaluator(base, 7);
            AdapterSettings adapter = usual(base, 0.1);

            LanguageEvaluation bare = evaluator.evaluate(EXAMPLES);

            assertThat(evaluator.evaluate(adapter, base.freshAdapter(adapter, 1), EXAMPLES))
                    .isEqualTo(bare);
            assertThat(bare.predictions())
                    .isEqualTo(EXAMPLES.stream().mapToLong(TextToTextExample::predictions).sum());
        }
    }

    @Test
    void aRunThatWasStoppedEndsInTheSameBytes() throws IOException {
        try (BaseModel base = load()) {
            AdapterSettings adapter = usual(base, 0.1);
            TrainingSettings settings = TinyModel.settings(2, 8, 3);
            TextToTextTrainer trainer = new TextToTextTrainer(base, adapter, settings);
            TrainingCheckpoint halfWay;
            try (TrainingRun run = trainer.begin(base.freshAdapter(adapter, 1), EXAMPLES)) {
                run.step();
                run.step();
                halfWay = run.checkpoint();
            }
            try (TrainingRun run = trainer.resume(halfWay, EXAMPLES)) {
                run.run(ProgressListener.none(), () -> false);

                assertThat(run.weights()).isEqualTo(trained(base, adapter, settings));
            }
            assertThatThrownBy(() -> trainer.resume(halfWay, EXAMPLES.subList(1, 9)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aBatchIsAsLongAsItsLongestSourceAndItsLongestTarget() throws IOException {
        try (BaseModel base = load()) {
            AdapterSettings adapter = usual(base, 0);
            TrainingSettings atOnce = TinyModel.settings(1, EXAMPLES.size(), 3);
            try (TrainingRun run =
                    new TextToTextTrainer(base, adapter, atOnce)
                            .begin(base.freshAdapter(adapter, 1), EXAMPLES)) {
                run.step();

                int source =
                        EXAMPLES.stream().mapToInt(e -> e.source().length()).max().orElseThrow();
                int target =
                        EXAMPLES.stream()
                                .mapToInt(TextToTextExample::targetLength)
                                .max()
                                .orElseThrow();
                assertThat(run.batches().whole())
                        .containsExactly(new BatchShape(EXAMPLES.size(), source, target));
            }
        }
    }

    /** Every prediction counts the same, in however many batches they come. */
    @Test
    void accumulatingBatchesOfAnyLengthIsOneLargeBatch() throws IOException {
        try (BaseModel base = load()) {
            StepReport atOnce = firstStep(base, EXAMPLES.size(), 1);
            StepReport inParts = firstStep(base, 3, EXAMPLES.size());

            assertThat(inParts.loss()).isCloseTo(atOnce.loss(), within(1e-5));
            assertThat(inParts.gradientNorm()).isCloseTo(atOnce.gradientNorm(), within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void nothingIsLeftBehindInTheEngine(String family) throws IOException {
        GenerationSettings search = GenerationSettings.beams(2, 5, List.of());
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            AdapterSettings adapter = usual(base, 0.1);
            AdapterWeights start = base.freshAdapter(adapter, 1);
            int before = base.weights().manager().getManagedArrays().size();
            TextToTextTrainer trainer =
                    new TextToTextTrainer(base, adapter, TinyModel.settings(4, 8, 1));
            try (TrainingRun run = trainer.begin(start, EXAMPLES);
                    TextToTextGenerator generator = TextToTextGenerator.of(base, adapter, start)) {
                int live = run.nativeArrays();
                int withBoth = base.weights().manager().getManagedArrays().size();
                while (!run.isDone()) {
                    run.step();
                    generator.written(new int[] {5, 6}, search);
                    assertThat(run.nativeArrays()).isEqualTo(live);
                    assertThat(base.weights().manager().getManagedArrays()).hasSize(withBoth);
                }
            }
            assertThat(base.weights().manager().getManagedArrays()).hasSize(before);
        }
    }

    @Test
    void whatDoesNotFitTheModelIsRefusedWithoutQuotingIt() throws IOException {
        TokenSequence plain = new TokenSequence(new int[] {1, 2}, new int[2]);
        TokenSequence strange = new TokenSequence(new int[] {1, 999}, new int[2]);
        try (BaseModel base = load();
                BaseModel decoder = BaseModel.load(Goldens.bundled("opt"))) {
            TextToTextEvaluator evaluator = new TextToTextEvaluator(base, 2);

            refused("token", evaluator, TextToTextExample.of(strange, plain));
            refused("label", evaluator, TextToTextExample.of(plain, strange));
            refused("label", evaluator, new TextToTextExample(plain, new int[] {-1}));
            assertThatThrownBy(() -> evaluator.evaluate(List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
            refused("opt", new TextToTextEvaluator(decoder, 2), TextToTextExample.of(plain, plain));
        }
    }

    private static void refused(
            String why, TextToTextEvaluator evaluator, TextToTextExample example) {
        assertThatThrownBy(() -> evaluator.evaluate(List.of(example)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageNotContaining("999");
    }

    private static StepReport firstStep(BaseModel base, int batchSize, int accumulation) {
        AdapterSettings adapter = usual(base, 0);
        TrainingSettings settings =
                new TrainingSettings(
                        1,
                        batchSize,
                        accumulation,
                        1e-3,
                        LearningRateSchedule.CONSTANT,
                        0,
                        0,
                        1,
                        1,
                        false,
                        1);
        AdapterWeights start = base.freshAdapter(adapter, 1);
        try (TrainingRun run =
                new TextToTextTrainer(base, adapter, settings).begin(start, EXAMPLES)) {
            return run.step();
        }
    }

    private static AdapterWeights trained(
            BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        TrainingOutcome outcome =
                new TextToTextTrainer(base, adapter, settings)
                        .train(
                                base.freshAdapter(adapter, 1),
                                EXAMPLES,
                                ProgressListener.none(),
                                () -> false);
        return ((TrainingOutcome.Finished) outcome).result().weights();
    }

    private static BaseModel load() throws IOException {
        return BaseModel.load(Goldens.bundled("t5"));
    }

    private static AdapterSettings usual(BaseModel base, double dropout) {
        TargetModules usual = TargetModules.usual(base.structure());
        return new AdapterSettings(4, 8, dropout, usual, TaskHead.frozen());
    }

    private static AdapterSettings everywhere() {
        return new AdapterSettings(
                4, 8, 0.05, TargetModules.expression(".*block.*"), TaskHead.frozen());
    }

    private static List<TextToTextExample> counting(int count) {
        RandomStream stream = RandomStream.of(7);
        List<TextToTextExample> examples = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int first = 10 + stream.nextInt(8);
            examples.add(
                    TextToTextExample.of(
                            from(first, 2 + stream.nextInt(6)),
                            from(first, 4 + stream.nextInt(9))));
        }
        return List.copyOf(examples);
    }

    private static TokenSequence from(int first, int length) {
        int[] ids = new int[length];
        for (int t = 0; t < length; t++) {
            ids[t] = first + t;
        }
        return new TokenSequence(ids, new int[length]);
    }
}
