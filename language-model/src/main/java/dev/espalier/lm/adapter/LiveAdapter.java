package dev.espalier.lm.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.weights.FrozenWeights;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An adapter in the engine, laid over a frozen base that others may use at the same time. Belongs
 * to one agent; closing it frees it and leaves the base alone.
 */
public final class LiveAdapter implements AutoCloseable {

    private final FrozenWeights base;
    private final ModelStructure structure;
    private final NDManager manager;
    private final NDArray scaling;
    private final double dropout;
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();
    private final Map<String, Detour> detours = new HashMap<>();
    private final Map<String, Replacement> replacements = new HashMap<>();

    /** A [rank, in] and B [out, rank]. */
    private record Detour(NDArray a, NDArray b) {}

    /** A layer of the head that is used instead of the base's. */
    private record Replacement(NDArray weight, NDArray bias) {}

    private LiveAdapter(
            FrozenWeights base, ModelStructure structure, double scaling, double dropout) {
        this.base = base;
        this.structure = structure;
        this.dropout = dropout;
        manager = base.manager().newSubManager();
        this.scaling = manager.full(new Shape(), (float) scaling, base.precision().type());
    }

    /**
     * @throws IllegalArgumentException if the weights do not fit the layout
     */
    public LiveAdapter(FrozenWeights base, AdapterLayout layout, AdapterWeights weights) {
        this(base, layout.base(), layout.settings().scaling(), layout.settings().dropout());
        try {
            layout.check(weights);
        } catch (IllegalArgumentException e) {
            manager.close();
            throw e;
        }
        fill(layout, weights);
    }

    /** The base as it is. */
    public static LiveAdapter none(FrozenWeights base, ModelStructure structure) {
        return new LiveAdapter(base, structure, 1, 0);
    }

    private void fill(AdapterLayout layout, AdapterWeights weights) {
        for (String name : weights.names()) {
            Shape shape = new Shape(weights.shape(name).toArray());
            NDArray array =
                    NativeValues.create(manager, shape, base.precision(), weights.values(name));
            array.setRequiresGradient(true);
            parameters.put(name, array);
        }
        for (LinearLayer linear : layout.targets()) {
            String module = linear.module();
            detours.put(
                    module,
                    new Detour(parameter(AdapterKey.a(module)), parameter(AdapterKey.b(module))));
        }
        for (LinearLayer linear : layout.head()) {
            NDArray weight = parameter(AdapterKey.replaced(linear.weight()));
            NDArray bias = parameter(AdapterKey.replaced(linear.bias()));
            replacements.put(linear.module(), new Replacement(weight, bias));
        }
    }

    /** Every trained array by PEFT's name. */
    public SortedMap<String, NDArray> parameters() {
        return new TreeMap<>(parameters);
    }

    /** The manager that everything of this adapter hangs on. */
    public NDManager manager() {
        return manager;
    }

    /**
     * The adapted layers for one forward pass.
     *
     * @param masks masks of this pass for the inputs of A; {@link Dropout#NONE} outside training
     */
    public Linears linears(Dropout masks) {
        Linears frozen = Linears.frozen(base, structure);
        return (module, x) -> {
            Replacement head = replacements.get(module);
            if (head != null) {
                return Linear.linear(x, head.weight, head.bias).singletonOrThrow();
            }
            return detoured(detours.get(module), frozen.apply(module, x), x, masks);
        };
    }

    private NDArray detoured(@Nullable Detour detour, NDArray y, NDArray x, Dropout masks) {
        if (detour == null) {
            return y;
        }
        NDArray input = masks.apply(x, dropout);
        NDArray squeezed = Linear.linear(input, detour.a).singletonOrThrow(); // [..., rank]
        return y.add(Linear.linear(squeezed.mul(scaling), detour.b).singletonOrThrow());
    }

    /** The values as they are now. */
    public AdapterWeights values() {
        AdapterWeights.Builder weights = AdapterWeights.builder();
        parameters.forEach((name, array) -> {
            float[] values = new float[Math.toIntExact(array.size())];
            NativeValues.read(array, values);
            weights.put(name, dev.espalier.tensors.Shape.of(array.getShape().getShape()), values);
        });
        return weights.build();
    }

    private NDArray parameter(String name) {
        NDArray array = parameters.get(name);
        if (array == null) {
            throw new IllegalStateException("no parameter " + name);
        }
        return array;
    }

    @Override
    public void close() {
        manager.close();
    }
}
