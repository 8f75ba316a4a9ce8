package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.TextToTextModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family, trained in its last layer only (T5: in its decoder only), with what lies below
 * computed once or every time.
 */
class FrozenStatesOfFamiliesTest {

    private static final int EPOCHS = 3;

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<String> textToText() {
        return Goldens.textToText();
    }

    @BeforeAll
    static void oneThread() {
        Compute.useThreads(1);
    }

    @ParameterizedTest
    @MethodSource("families")
    void whatIsComputedOnceTrainsAsWhatIsComputedEveryTime(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.bundled(family))) {
            requireAlike(model, highest(model.base()), 2, 1);
        }
    }

    /** Of three examples: two in the first step of an epoch, one in the second. */
    @ParameterizedTest
    @MethodSource("families")
    void soItDoesOverAccumulatedBatches(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.bundled(family))) {
            requireAlike(model, highest(model.base()), 1, 2);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void soItDoesOnAModelThatLostHeads(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.bundled(family));
                GoldenModel left = model.keeping(withoutTheFirst(model.base()))) {
            requireAlike(left, highest(model.base()), 2, 1);
        }
    }

    /**
     * States enter the encoder between two of its layers: the biases of its positions are then made
     * for the longest text of the batch, not for that of the text alone.
     */
    @ParameterizedTest
    @MethodSource("textToText")
    void anEncoderIsEnteredInItsMiddle(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.bundled(family))) {
            BaseModel base = model.base();
            AttentionBlock last =
                    base.structure().attention().stream()
                            .filter(block -> block.kind() == AttentionKind.ENCODER)
                            .reduce((_, later) -> later)
                            .orElseThrow();
            assertThat(base.family().lowestLayer(List.of(last.query())))
                    .isPositive()
                    .isLessThan(base.family().firstStack());

            requireAlike(model, TestAdapters.on(last, base), 2, 1);
        }
    }

    /** States of a text alone are rounded otherwise than those in a batch: the losses are near. */
    @ParameterizedTest
    @MethodSource("families")
    void inBfloat16LossesAreNearAndRunsTheSameBits(String family) throws IOException {
        assumeTrue(Bfloat16.isSupported(), "this processor has no avx512_bf16 or amx_bf16");
        Path folder = Goldens.bundled(family);
        Path inputs = folder.resolve("inputs.safetensors");
        try (GoldenModel model = GoldenModel.load(folder, inputs, Precision.BFLOAT16)) {
            AdapterSettings adapter = highest(model.base());
            Run once = run(model, adapter, settings(2, 1, TrainingSettings.USUAL_STATE_BYTES));
            Run again = run(model, adapter, settings(2, 1, TrainingSettings.USUAL_STATE_BYTES));
            Run everyTime = run(model, adapter, settings(2, 1, 0));

            assertThat(once.kept).isEqualTo(model.task().size());
            assertThat(again).isEqualTo(once);
            for (int step = 0; step < once.losses.size(); step++) {
                double loss = everyTime.losses.get(step);
                assertThat(once.losses.get(step)).isCloseTo(loss, within(0.01 * loss));
            }
        }
    }

    private static void requireAlike(
            GoldenModel model, AdapterSettings adapter, int batchSize, int accumulation) {
        long bytes = TrainingSettings.USUAL_STATE_BYTES;
        Run once = run(model, adapter, settings(batchSize, accumulation, bytes));
        Run everyTime = run(model, adapter, settings(batchSize, accumulation, 0));

        assertThat(once.kept).isEqualTo(model.task().size());
        assertThat(everyTime.kept).isZero();
        assertThat(once.losses).hasSize(2 * EPOCHS);
        for (int step = 0; step < once.losses.size(); step++) {
            assertThat(once.losses.get(step)).isCloseTo(everyTime.losses.get(step), within(1e-5));
        }
        for (String name : once.weights.names()) {
            // a step of Adam is as long as the rate, however small the gradient
            assertThat(once.weights.values(name))
                    .as(name)
                    .containsExactly(everyTime.weights.values(name), within(2e-4f));
        }
    }

    private record Run(List<Double> losses, AdapterWeights weights, int kept) {}

    private static Run run(GoldenModel model, AdapterSettings adapter, TrainingSettings settings) {
        List<Double> losses = new ArrayList<>();
        AdapterWeights start = model.base().freshAdapter(adapter, 1);
        try (TrainingRun run = model.begin(adapter, settings, start)) {
            run.run(report -> losses.add(report.loss()), () -> false);
            return new Run(losses, run.weights(), run.keptStates());
        }
    }

    private static TrainingSettings settings(int batchSize, int accumulation, long bytes) {
        return new TrainingSettings(
                EPOCHS,
                batchSize,
                accumulation,
                1e-3,
                LearningRateSchedule.CONSTANT,
                0.01,
                0,
                1,
                Integer.MAX_VALUE,
                false,
                1,
                bytes);
    }

    /** Query and value of the last block; for T5 that is one of the decoder. */
    private static AdapterSettings highest(BaseModel base) {
        AttentionBlock last = base.structure().attention().getLast();
        assertThat(base.family().lowestLayer(List.of(last.query())))
                .isEqualTo(
                        base.family() instanceof TextToTextModel
                                ? base.family().firstStack()
                                : base.family().firstStack() - 1)
                .isPositive();
        return TestAdapters.on(last, base);
    }

    /** Every block loses its first head. */
    private static HeadMask withoutTheFirst(BaseModel base) {
        boolean[][] heads = HeadMask.all(base.structure()).toArray();
        for (boolean[] block : heads) {
            block[0] = false;
        }
        return HeadMask.of(heads);
    }
}
