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
import dev.espalier.lm.generate.GenerationSettings;
import dev.espalier.lm.generate.TextGenerator;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LanguageModelTrainerTest {

    /** Texts that count: each token is the one before plus one. */
    private static final List<LanguageExample> EXAMPLES = counting(40);

    @BeforeAll
    static void sameBytesNeedOneThread() {
        Compute.useThreads(1);
    }

    static Stream<String> decoders() {
        return Goldens.decoders();
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void aModelLearnsToForetell(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            AdapterSettings adapter = adapter(base, 0.05);
            LanguageModelEvaluator evaluator = new LanguageModelEvaluator(base, 16);
            LanguageEvaluation before = evaluator.evaluate(EXAMPLES);

            AdapterWeights after = trained(base, adapter, TinyModel.settings(10, 8, 1));

            assertThat(evaluator.evaluate(adapter, after, EXAMPLES).perplexity())
                    .isLessThan(0.2 * before.perplexity());
        }
    }

    @Test
    void aFreshAdapterForetellsAsItsBase() throws IOException {
        try (BaseModel base = load()) {
            AdapterSettings adapter = adapter(base, 0.1);
            LanguageModelEvaluator evaluator = new LanguageModelEvaluator(base, 7);

            LanguageEvaluation bare = evaluator.evaluate(EXAMPLES);

            assertThat(evaluator.evaluate(adapter, base.freshAdapter(adapter, 1), EXAMPLES))
                    .isEqualTo(bare);
            assertThat(bare.predictions())
                    .isEqualTo(EXAMPLES.stream().mapToLong(LanguageExample::predictions).sum());
            assertThat(bare.perplexity()).isEqualTo(Math.exp(bare.loss()));
        }
    }

    @Test
    void aRunThatWasStoppedEndsInTheSameBytes() throws IOException {
        try (BaseModel base = load()) {
            AdapterSettings adapter = adapter(base, 0.1);
            TrainingSettings settings = TinyModel.settings(2, 8, 3);
            LanguageModelTrainer trainer = new LanguageModelTrainer(base, adapter, settings);
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

    /** Every prediction counts the same, in however many batches they come. */
    @Test
    void accumulatingBatchesOfAnyLengthIsOneLargeBatch() throws IOException {
        try (BaseModel base = load()) {
            AdapterSettings adapter = adapter(base, 0);
            StepReport atOnce = firstStep(base, adapter, EXAMPLES.size(), 1);
            StepReport inParts = firstStep(base, adapter, 3, EXAMPLES.size());

            assertThat(inParts.loss()).isCloseTo(atOnce.loss(), within(1e-5));
            assertThat(inParts.gradientNorm()).isCloseTo(atOnce.gradientNorm(), within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void nothingIsLeftBehindInTheEngine(String family) throws IOException {
        GenerationSettings search = GenerationSettings.beams(2, 5, List.of());
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            AdapterSettings adapter = adapter(base, 0.1);
            AdapterWeights start = base.freshAdapter(adapter, 1);
            int before = base.weights().manager().getManagedArrays().size();
            LanguageModelTrainer trainer =
                    new LanguageModelTrainer(base, adapter, TinyModel.settings(4, 8, 1));
            try (TrainingRun run = trainer.begin(start, EXAMPLES);
                    TextGenerator generator = TextGenerator.of(base, adapter, start)) {
                int live = run.nativeArrays();
                int withBoth = base.weights().manager().getManagedArrays().size();
                while (!run.isDone()) {
                    run.step();
                    generator.continued(new int[] {5, 6}, search);
                    assertThat(run.nativeArrays()).isEqualTo(live);
                    assertThat(base.weights().manager().getManagedArrays()).hasSize(withBoth);
                }
            }
            assertThat(base.weights().manager().getManagedArrays()).hasSize(before);
        }
    }

    @Test
    void whatDoesNotFitTheModelIsRefusedWithoutQuotingIt() throws IOException {
        TokenSequence strange = new TokenSequence(new int[] {1, 999}, new int[2]);
        int[] ids = new int[500];
        TokenSequence endless = new TokenSequence(ids, ids);
        TokenSequence plain = new TokenSequence(new int[] {1, 2}, new int[2]);
        try (BaseModel base = load();
                BaseModel classifier = BaseModel.load(Goldens.bundled("bert"))) {
            LanguageModelEvaluator evaluator = new LanguageModelEvaluator(base, 2);

            refused("token", evaluator, LanguageExample.of(strange));
            refused("500 tokens", evaluator, LanguageExample.of(endless));
            refused("label", evaluator, new LanguageExample(plain, new int[] {1, 128}));
            refused("label", evaluator, new LanguageExample(plain, new int[] {1, -1}));
            assertThatThrownBy(() -> evaluator.evaluate(List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
            refused("bert", new LanguageModelEvaluator(classifier, 2), LanguageExample.of(plain));
            assertThatThrownBy(() ->
                            new Evaluator(base, adapter(base, 0), 2)
                                    .evaluate(
                                            base.freshAdapter(adapter(base, 0), 1),
                                            TinyModel.examples(1, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("llama");
        }
    }

    private static void refused(
            String why, LanguageModelEvaluator evaluator, LanguageExample example) {
        assertThatThrownBy(() -> evaluator.evaluate(List.of(example)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageNotContaining("999");
    }

    private static StepReport firstStep(
            BaseModel base, AdapterSettings adapter, int batchSize, int accumulation) {
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
                new LanguageModelTrainer(base, adapter, settings).begin(start, EXAMPLES)) {
            return run.step();
        }
    }

    private static AdapterWeights trained(
            BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        TrainingOutcome outcome =
                new LanguageModelTrainer(base, adapter, settings)
                        .train(
                                base.freshAdapter(adapter, 1),
                                EXAMPLES,
                                ProgressListener.none(),
                                () -> false);
        return ((TrainingOutcome.Finished) outcome).result().weights();
    }

    private static BaseModel load() throws IOException {
        return BaseModel.load(Goldens.bundled("llama"));
    }

    private static AdapterSettings adapter(BaseModel base, double dropout) {
        TargetModules usual = TargetModules.usual(base.structure());
        return new AdapterSettings(4, 8, dropout, usual, TaskHead.frozen());
    }

    private static List<LanguageExample> counting(int count) {
        RandomStream stream = RandomStream.of(7);
        List<LanguageExample> examples = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int[] ids = new int[4 + stream.nextInt(12)];
            int first = 10 + stream.nextInt(8);
            for (int t = 0; t < ids.length; t++) {
                ids[t] = first + t;
            }
            examples.add(LanguageExample.of(new TokenSequence(ids, new int[ids.length])));
        }
        return List.copyOf(examples);
    }
}
