package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.tokens.Example;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of every kind of trained tensor against central differences in doubles. */
class FiniteDifferencesTest {

    private static final float STEP = 1e-3f;
    private static final int ENTRIES = 6;

    private final List<Example> examples = TinyModel.examples(5, 8);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void gradientsAreSlopesOfTheLoss(long seed) {
        AdapterSettings settings =
                new AdapterSettings(
                        3,
                        5,
                        0,
                        TargetModules.names("query", "key", "value", "dense"),
                        TaskHead.trained(List.of("a", "b", "c")));
        try (BaseModel base = TinyModel.load(Precision.DOUBLE)) {
            AdapterWeights weights = scattered(base.freshAdapter(settings, seed), seed);
            AdapterWeights gradients = gradients(base, settings, weights);
            RandomStream stream = RandomStream.of(seed);

            for (String name : weights.names()) {
                float[] values = weights.values(name);
                for (int n = 0; n < ENTRIES; n++) {
                    int i = stream.nextInt(values.length);
                    double slope = slope(base, settings, weights, name, i);
                    double tolerance = 1e-7 + 1e-4 * Math.abs(slope);
                    assertThat((double) gradients.values(name)[i])
                            .as("%s[%d]", name, i)
                            .isCloseTo(slope, within(tolerance));
                }
            }
        }
    }

    private double slope(
            BaseModel base, AdapterSettings settings, AdapterWeights weights, String name, int i) {
        float value = weights.values(name)[i];
        float up = value + STEP;
        float down = value - STEP;
        double rise =
                loss(base, settings, with(weights, name, i, up))
                        - loss(base, settings, with(weights, name, i, down));
        return rise / ((double) up - down); // what floats made of the step, exactly
    }

    private double loss(BaseModel base, AdapterSettings settings, AdapterWeights weights) {
        try (LiveAdapter live = base.adapt(settings, weights)) {
            return new Classifier(base, live).backward(examples, Classifier.Masks.NONE, 1);
        }
    }

    private AdapterWeights gradients(
            BaseModel base, AdapterSettings settings, AdapterWeights weights) {
        try (LiveAdapter live = base.adapt(settings, weights)) {
            new Classifier(base, live).backward(examples, Classifier.Masks.NONE, 1);
            TrainedTensors tensors = new TrainedTensors(live, weights);
            tensors.takeGradients();
            return tensors.gradients();
        }
    }

    /** B must not be zero, or A would have no slope. */
    private static AdapterWeights scattered(AdapterWeights fresh, long seed) {
        RandomStream stream = RandomStream.of(seed, "scatter");
        AdapterWeights.Builder scattered = AdapterWeights.builder();
        for (String name : fresh.names()) {
            float[] values = fresh.values(name);
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.1 * stream.nextGaussian());
            }
            scattered.put(name, fresh.shape(name), values);
        }
        return scattered.build();
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
