package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.head.HeadChoice;
import dev.espalier.lm.head.HeadScope;
import dev.espalier.lm.head.RandomHeads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients of every kind of trained tensor against central differences in doubles, with an adapter
 * on every linear layer.
 */
class FiniteDifferencesTest {

    /** Small, so that hardly any step leads over a kink of ReLU. */
    private static final float STEP = 1e-6f;

    private static final int ENTRIES = 3;

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<Arguments> familiesAndSeeds() {
        return Goldens.families()
                .flatMap(family ->
                        Stream.of(1L, 2L, 3L)
                                .map(seed -> Arguments.of(family, Named.of("seed " + seed, seed))));
    }

    @ParameterizedTest
    @MethodSource("familiesAndSeeds")
    void gradientsAreSlopesOfTheLoss(String family, long seed) throws IOException {
        Path folder = Goldens.bundled(family);
        Path inputs = folder.resolve("inputs.safetensors");
        try (GoldenModel model = GoldenModel.load(folder, inputs, Precision.DOUBLE)) {
            assertGradientsAreSlopes(model, seed);
        }
    }

    /** A third of the heads, and all of the first block. */
    @ParameterizedTest
    @MethodSource("families")
    void gradientsAreSlopesOfTheLossWithoutSomeHeads(String family) throws IOException {
        Path folder = Goldens.bundled(family);
        Path inputs = folder.resolve("inputs.safetensors");
        try (GoldenModel model = GoldenModel.load(folder, inputs, Precision.DOUBLE)) {
            boolean[][] kept =
                    new HeadChoice(1 / 3.0, HeadScope.TOP_BLOCKS, 1)
                            .choose(RandomHeads.of(model.base().structure(), 1))
                            .toArray();
            Arrays.fill(kept[0], false);
            try (GoldenModel smaller = model.keeping(HeadMask.of(kept))) {
                assertGradientsAreSlopes(smaller, 1);
            }
        }
    }

    private static void assertGradientsAreSlopes(GoldenModel model, long seed) {
        AdapterSettings settings = TestAdapters.everywhere(model.base());
        AdapterWeights weights =
                TestAdapters.scattered(model.base().freshAdapter(settings, seed), seed);
        AdapterWeights gradients = gradients(model, settings, weights);
        RandomStream stream = RandomStream.of(seed);

        for (String name : weights.names()) {
            float[] values = weights.values(name);
            for (int n = 0; n < ENTRIES; n++) {
                int i = stream.nextInt(values.length);
                double slope = slope(model, settings, weights, name, i);
                double tolerance = 1e-7 + 1e-4 * Math.abs(slope);
                assertThat((double) gradients.values(name)[i])
                        .as("%s[%d]", name, i)
                        .isCloseTo(slope, within(tolerance));
            }
        }
    }

    private static double slope(
            GoldenModel model,
            AdapterSettings settings,
            AdapterWeights weights,
            String name,
            int i) {
        float value = weights.values(name)[i];
        float up = value + STEP;
        float down = value - STEP;
        double rise =
                loss(model, settings, with(weights, name, i, up))
                        - loss(model, settings, with(weights, name, i, down));
        return rise / ((double) up - down); // what floats made of the step, exactly
    }

    /** Not as evaluation computes it, which rounds to floats. */
    private static double loss(
            GoldenModel model, AdapterSettings settings, AdapterWeights weights) {
        try (LiveAdapter live = model.base().adapt(settings, weights)) {
            return model.backward(live);
        }
    }

    private static AdapterWeights gradients(
            GoldenModel model, AdapterSettings settings, AdapterWeights weights) {
        try (LiveAdapter live = model.base().adapt(settings, weights)) {
            return model.gradients(live);
        }
    }

    private static AdapterWeights with(AdapterWeights weights, String name, int i, float value) {
        AdapterWeights.Builder changed = AdapterWeights.builder();
        for (String other : weights.names()) {
            float[] values = weights.values(other);
            if (other.equals(name)) {
                values[i] = value;
            }
            changed.put(other, weights.shape(other), values);
        }
        return changed.build();
    }
}
