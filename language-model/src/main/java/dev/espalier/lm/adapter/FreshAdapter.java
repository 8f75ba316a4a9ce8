package dev.espalier.lm.adapter;

import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.tensors.Shape;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * First values of an adapter, as PEFT draws them: A uniform in ±1/√in (Kaiming with a = √5), B
 * zero, so that the adapted model starts out as the base model; a new head normal with the model's
 * {@code initializer_range}, its bias zero.
 *
 * <p>Every tensor draws from the stream of its own name: adding a target leaves the others as they
 * were.
 */
public final class FreshAdapter {

    private FreshAdapter() {}

    /**
     * @param baseHead the base's own value of a tensor of the head, if the adapter's head is to
     *     start there
     */
    public static AdapterWeights draw(
            ModelStructure base,
            AdapterSettings settings,
            long seed,
            Function<String, Optional<float[]>> baseHead) {
        AdapterLayout layout = new AdapterLayout(base, settings);
        AdapterWeights.Builder weights = AdapterWeights.builder();
        for (LinearLayer linear : layout.targets()) {
            Shape a = Shape.of(settings.rank(), linear.in());
            Shape b = Shape.of(linear.out(), settings.rank());
            String name = AdapterKey.a(linear.module());
            weights.put(name, a, uniform(a, linear.in(), RandomStream.of(seed, name)));
            weights.put(AdapterKey.b(linear.module()), b, zeros(b));
        }
        for (LinearLayer linear : layout.head()) {
            Shape w = linear.weightShape();
            Shape b = Shape.of(linear.out());
            String name = AdapterKey.replaced(linear.weight());
            RandomStream stream = RandomStream.of(seed, name);
            Optional<float[]> known = baseHead.apply(linear.weight());
            weights.put(name, w, known.orElseGet(() -> normal(w, base.initializerRange(), stream)));
            weights.put(
                    AdapterKey.replaced(linear.bias()),
                    b,
                    baseHead.apply(linear.bias()).orElseGet(() -> zeros(b)));
        }
        return weights.build();
    }

    private static float[] uniform(Shape shape, int in, RandomStream stream) {
        double bound = 1 / Math.sqrt(in);
        return filled(shape, () -> bound * (2 * stream.nextUnit() - 1));
    }

    private static float[] normal(Shape shape, double deviation, RandomStream stream) {
        return filled(shape, () -> deviation * stream.nextGaussian());
    }

    private static float[] zeros(Shape shape) {
        return filled(shape, () -> 0);
    }

    private static float[] filled(Shape shape, DoubleSupplier value) {
        float[] values = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.getAsDouble();
        }
        return values;
    }
}
