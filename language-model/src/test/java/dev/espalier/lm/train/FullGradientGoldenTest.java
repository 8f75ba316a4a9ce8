package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.weights.FrozenWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradient of the loss by every parameter of the base itself, without an adapter.
 *
 * <p>Nothing but this asks a base for gradients. Its arrays may be told to record them: a gradient
 * lies in memory of its own, so the pages of the mapped file are only read, as ever.
 */
class FullGradientGoldenTest {

    static Stream<Arguments> familiesAndPrecisions() {
        return Goldens.families()
                .filter(family -> Files.exists(file(family)))
                .flatMap(family ->
                        Stream.of(Precision.SINGLE, Precision.DOUBLE)
                                .map(p -> Arguments.of(family, p)));
    }

    @ParameterizedTest
    @MethodSource("familiesAndPrecisions")
    void gradientsByEveryParameterAreThoseOfPytorch(String family, Precision precision)
            throws IOException {
        Path folder = Goldens.family(family);
        Path inputs = folder.resolve("inputs.safetensors");
        try (GoldenModel model = GoldenModel.load(folder, inputs, precision);
                LiveAdapter nothing = model.base().unadapted()) {
            FrozenWeights weights = model.base().weights();
            weights.shapes().keySet().forEach(name -> weights.get(name).setRequiresGradient(true));
            model.backward(nothing);

            assertThat(weights.shapes()).isEqualTo(Goldens.shapes(file(family)));
            for (String name : weights.shapes().keySet()) {
                compare(name, taken(weights.get(name)), Goldens.floats(file(family), name));
            }
        }
    }

    private static float[] taken(NDArray parameter) {
        float[] gradient = new float[Math.toIntExact(parameter.size())];
        Gradients.take(parameter, gradient);
        return gradient;
    }

    private static void compare(String name, float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            float tolerance = Math.max(1e-5f, 1e-4f * Math.abs(expected[i]));
            assertThat(actual[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static Path file(String family) {
        return Goldens.family(family).resolve("grads_full.safetensors");
    }
}
