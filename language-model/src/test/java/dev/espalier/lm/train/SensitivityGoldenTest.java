package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.sensitivity.ElementScore;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.lm.sensitivity.WeightsOfStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sensitivities that follow the real trainer through three AdamW steps, against PEFT's formulas.
 */
class SensitivityGoldenTest {

    private static final Smoothing LATEST = new Smoothing(0, 0); // remembers nothing

    static Stream<String> families() {
        return Goldens.families().filter(family -> Files.exists(file(family)));
    }

    @ParameterizedTest
    @MethodSource("families")
    void theFirstStepIsValueTimesGradient(String family) throws IOException {
        Sensitivity first = follow(family, 1, LATEST, WeightsOfStep.BEFORE);

        for (String name : first.shapes().keySet()) {
            close(file(family), "pre.step1.I." + name, first.smoothed(name));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void threeStepsWithTheValuesBeforeThemAreSmoothed(String family) throws IOException {
        Sensitivity third = follow(family, 3, Smoothing.defaults(), WeightsOfStep.BEFORE);

        for (String name : third.shapes().keySet()) {
            close(file(family), "pre.step3.Ibar." + name, third.smoothed(name));
            close(file(family), "pre.step3.Ubar." + name, third.uncertainty(name));
            close(file(family), "pre.step3.s." + name, third.scores(name, ElementScore.ADALORA));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void threeStepsWithTheValuesAfterThemAreThoseOfPeft(String family) throws IOException {
        Sensitivity third = follow(family, 3, Smoothing.defaults(), WeightsOfStep.AFTER);

        for (String name : third.shapes().keySet()) {
            close(file(family), "post.step3.s." + name, third.scores(name, ElementScore.ADALORA));
        }
    }

    private static Sensitivity follow(
            String family, int steps, Smoothing smoothing, WeightsOfStep weights)
            throws IOException {
        PeftFolder peft = PeftFolder.read(Goldens.family(family).resolve("lora_qv"));
        Sensitivity sensitivity = Sensitivity.start(peft.weights().shapes(), smoothing);
        try (GoldenModel model = GoldenModel.load(Goldens.family(family));
                TrainingRun run =
                        model.begin(
                                peft.settings(),
                                wholeBatch(model.batch().length, steps),
                                peft.weights())) {
            run.observe(sensitivity.observer(weights));
            while (!run.isDone()) {
                run.step();
            }
        }
        return sensitivity;
    }

    private static TrainingSettings wholeBatch(int batch, int steps) {
        return new TrainingSettings(
                steps,
                batch,
                1,
                1e-2,
                LearningRateSchedule.CONSTANT,
                0.01,
                0,
                Double.POSITIVE_INFINITY,
                steps,
                false,
                1);
    }

    /**
     * 1e-4 of the value, since values reach down to 1e-9. Where a gradient nearly cancels out, the
     * reference itself is known no better than to its own float32 noise: 5e-6 of the largest value
     * of the tensor covers it.
     */
    static void close(Path file, String tensor, double[] actual) {
        float[] expected = Goldens.floats(file, tensor);
        assertThat(actual).hasSameSizeAs(expected);
        double noise = 5e-6 * largest(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                    .as("%s[%d]", tensor, i)
                    .isCloseTo(expected[i], within(Math.max(1e-4 * expected[i], noise)));
        }
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        return largest;
    }

    private static Path file(String family) {
        return Goldens.family(family).resolve("sensitivity.safetensors");
    }
}
