package dev.espalier.lm.family.t5;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.weights.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Buckets of distances, and the biases that belong to them, against transformers. */
class RelativePositionsGoldenTest {

    static Stream<Arguments> stacks() {
        return Goldens.textToText()
                .flatMap(family ->
                        Stream.of(
                                Arguments.of(family, "encoder", "bidirectional"),
                                Arguments.of(family, "decoder", "causal")));
    }

    @ParameterizedTest
    @MethodSource("stacks")
    void bucketsAreThoseOfTransformers(String family, String stack, String kind)
            throws IOException {
        long[] expected = Goldens.longs(outputs(family), "rel_bucket_" + kind);

        assertThat(positions(family, stack).grid(0, side(expected.length))).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("stacks")
    void biasesAreThoseOfTransformers(String family, String stack, String kind) throws IOException {
        Path folder = Goldens.family(family);
        int heads = config(family).heads();
        float[] table =
                Goldens.floats(
                        folder.resolve("model.safetensors"),
                        new T5Names(config(family)).positions(stack));
        float[] expected = Goldens.floats(outputs(family), stack + "_position_bias");
        long[] grid = positions(family, stack).grid(0, side(expected.length / heads));

        assertThat(expected).hasSize(heads * grid.length);
        for (int i = 0; i < expected.length; i++) {
            int head = i / grid.length;
            int bucket = Math.toIntExact(grid[i % grid.length]);
            assertThat(table[bucket * heads + head]).isEqualTo(expected[i]);
        }
    }

    private static int side(int square) {
        return (int) Math.round(Math.sqrt(square));
    }

    private static RelativePositions positions(String family, String stack) throws IOException {
        return config(family).positions(stack.equals(T5Names.ENCODER));
    }

    private static T5Config config(String family) throws IOException {
        return T5Config.of(ModelConfig.read(Goldens.family(family).resolve("config.json")));
    }

    private static Path outputs(String family) {
        return Goldens.family(family).resolve("outputs.safetensors");
    }
}
