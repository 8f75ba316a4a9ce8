package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.lm.sensitivity.WeightsOfStep;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Long runs of every task, evaluated, watched and saved in between, hold as many arrays of the
 * engine at the end as after the first step: in the base, in the run, and outside of both.
 */
class LongRunTest {

    private static final int EPOCHS = 40;
    private static final int BATCH = 10;
    private static final List<TokenSequence> TEXTS =
            TinyModel.examples(50, 3).stream().map(example -> example.tokens()).toList();

    @BeforeAll
    static void useOneThread() {
        Compute.useThreads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "llama", "t5_gated"})
    void hundredsOfStepsHoldAsManyArraysAsTheFirst(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            AdapterSettings adapter = adapter(base);
            AdapterWeights start = base.freshAdapter(adapter, 1);
            NDManager shared = base.weights().manager();
            int idle = shared.getManagedArrays().size();
            try (TrainingRun run = begin(base, adapter, start)) {
                Sensitivity sensitivity = Sensitivity.start(start.shapes(), Smoothing.defaults());
                run.observe(sensitivity.observer(WeightsOfStep.BEFORE));
                between(base, adapter, run);
                int ofRun = run.nativeArrays();
                int ofBase = shared.getManagedArrays().size();
                int outside = shared.getParentManager().getManagedArrays().size();
                while (!run.isDone()) {
                    between(base, adapter, run);

                    assertThat(run.nativeArrays()).isEqualTo(ofRun);
                    assertThat(shared.getManagedArrays()).hasSize(ofBase);
                    assertThat(shared.getParentManager().getManagedArrays()).hasSize(outside);
                }
                assertThat(run.steps()).isEqualTo(EPOCHS * TEXTS.size() / BATCH);
            }
            assertThat(shared.getManagedArrays()).hasSize(idle);
        }
    }

    /** A step, and every tenth time an evaluation and a checkpoint. */
    private static void between(BaseModel base, AdapterSettings adapter, TrainingRun run) {
        int step = run.step().step();
        if (step == 1 || step % 10 == 0) {
            evaluation(base, adapter).accept(run.weights(), TEXTS);
            assertThat(run.checkpoint().step()).isEqualTo(step);
        }
    }

    private static BiConsumer<AdapterWeights, List<TokenSequence>> evaluation(
            BaseModel base, AdapterSettings adapter) {
        return switch (base.structure().family()) {
            case "bert" ->
                    (weights, _) ->
                            new Evaluator(base, adapter, 16)
                                    .evaluate(weights, TinyModel.examples(50, 3));
            case "llama" ->
                    (weights, texts) ->
                            new LanguageModelEvaluator(base, 16)
                                    .evaluate(adapter, weights, continued(texts));
            default ->
                    (weights, texts) ->
                            new TextToTextEvaluator(base, 16)
                                    .evaluate(adapter, weights, rewritten(texts));
        };
    }

    private static TrainingRun begin(
            BaseModel base, AdapterSettings adapter, AdapterWeights start) {
        TrainingSettings settings = TinyModel.settings(EPOCHS, BATCH, 1);
        return switch (base.structure().family()) {
            case "bert" ->
                    new ClassificationTrainer(base, adapter, settings)
                            .begin(start, TinyModel.examples(50, 3));
            case "llama" ->
                    new LanguageModelTrainer(base, adapter, settings)
                            .begin(start, continued(TEXTS));
            default ->
                    new TextToTextTrainer(base, adapter, settings).begin(start, rewritten(TEXTS));
        };
    }

    private static List<LanguageExample> continued(List<TokenSequence> texts) {
        return texts.stream().map(LanguageExample::of).toList();
    }

    private static List<TextToTextExample> rewritten(List<TokenSequence> texts) {
        return texts.stream().map(text -> TextToTextExample.of(text, text)).toList();
    }

    private static AdapterSettings adapter(BaseModel base) {
        TaskHead head =
                base.family() instanceof SequenceClassifier
                        ? TaskHead.trained(List.of("ham", "spam"))
                        : TaskHead.frozen();
        return new AdapterSettings(4, 8, 0.1, TargetModules.usual(base.structure()), head);
    }
}
