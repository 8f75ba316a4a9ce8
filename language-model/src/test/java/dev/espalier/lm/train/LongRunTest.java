package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.head.HeadChoice;
import dev.espalier.lm.head.RandomHeads;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.lm.sensitivity.WeightsOfStep;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Long runs of every task, evaluated, watched and saved in between, hold as many arrays of the
 * engine at the end as after the first step: in the base, in the run, and outside of both. The
 * model's own dropout is on, but where states are kept.
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
            hold(base, TestAdapters.usual(base, 0.1), TinyModel.settings(EPOCHS, BATCH, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "llama", "t5_gated"})
    void soDoThoseOnAModelThatLostHeads(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            HeadMask half = HeadChoice.global(0.5).choose(RandomHeads.of(base.structure(), 1));
            int idle = arrays(base.weights().manager());
            try (BaseModel left = base.keeping(half)) {
                hold(left, TestAdapters.usual(left, 0.1), TinyModel.settings(EPOCHS, BATCH, 1));
            }
            assertThat(arrays(base.weights().manager())).isEqualTo(idle);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "llama", "t5_gated"})
    void soDoThoseInBfloat16(String family) throws IOException {
        assumeTrue(Bfloat16.isSupported(), "this processor has no avx512_bf16 or amx_bf16");
        try (BaseModel base = BaseModel.load(Goldens.bundled(family), Precision.BFLOAT16)) {
            hold(base, TestAdapters.usual(base, 0.1), TinyModel.settings(EPOCHS, BATCH, 1));
        }
    }

    /** Trained in the last layer, or in the decoder, alone. */
    @ParameterizedTest
    @ValueSource(strings = {"bert", "llama", "t5_gated"})
    void statesAreKeptInTheFirstEpochAndNoMoreAfterIt(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            AdapterSettings last = TestAdapters.on(base.structure().attention().getLast(), base);
            List<Integer> kept = hold(base, last, withoutModelDropout());

            int epoch = TEXTS.size() / BATCH;
            assertThat(kept).hasSize(3 * epoch);
            for (int step = 0; step < kept.size(); step++) {
                assertThat(kept.get(step)).isEqualTo(BATCH * Math.min(step + 1, epoch));
            }
        }
    }

    private static TrainingSettings withoutModelDropout() {
        return new TrainingSettings(
                3,
                BATCH,
                1,
                1e-2,
                LearningRateSchedule.COSINE,
                0.01,
                0.1,
                1,
                Integer.MAX_VALUE,
                false,
                1);
    }

    /**
     * Does a whole run and looks after every step.
     *
     * @return for how many texts states were kept then
     */
    private static List<Integer> hold(
            BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        AdapterWeights start = base.freshAdapter(adapter, 1);
        NDManager shared = base.weights().manager();
        List<Integer> kept = new ArrayList<>();
        evaluation(base, adapter).accept(start, TEXTS); // narrows the weights in bfloat16, once
        int idle = arrays(shared);
        try (TrainingRun run = begin(base, adapter, settings, start)) {
            Sensitivity sensitivity = Sensitivity.start(start.shapes(), Smoothing.defaults());
            run.observe(sensitivity.observer(WeightsOfStep.BEFORE));
            between(base, adapter, run);
            kept.add(run.keptStates());
            int ofRun = run.nativeArrays();
            int ofBase = arrays(shared);
            int outside = arrays(shared.getParentManager());
            while (!run.isDone()) {
                between(base, adapter, run);
                kept.add(run.keptStates());

                assertThat(run.nativeArrays()).isEqualTo(ofRun);
                assertThat(arrays(shared)).isEqualTo(ofBase);
                assertThat(arrays(shared.getParentManager())).isEqualTo(outside);
            }
            assertThat(run.steps()).isEqualTo(settings.epochs() * TEXTS.size() / BATCH);
        }
        assertThat(arrays(shared)).isEqualTo(idle);
        return kept;
    }

    private static int arrays(NDManager manager) {
        return manager.getManagedArrays().size();
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
            BaseModel base,
            AdapterSettings adapter,
            TrainingSettings settings,
            AdapterWeights start) {
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
}
