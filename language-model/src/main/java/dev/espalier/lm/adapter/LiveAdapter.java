package dev.espalier.lm.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.family.HeadGates;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.weights.FrozenWeights;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An adapter in the engine, laid over a frozen base that others may use at the same time. Belongs
 * to one agent; closing it frees it and leaves the base alone.
 */
public final class LiveAdapter implements AutoCloseable {

    private final FrozenWeights base;
    private final AdapterPart trained;
    private final ModelStructure structure;
    private final NDManager manager;
    private final NDArray scaling;
    private final double dropout;
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();
    private final Map<String, Detour> detours = new HashMap<>();
    private final Map<String, Replacement> replacements = new HashMap<>();
    private final Map<String, NDArray> merged = new HashMap<>();
    private @Nullable HeadGates gates;

    /**
     * A [rank, in] and B [out, rank].
     *
     * @param learns whether any of it is trained; what does not is as good as the base, and nothing
     *     is dropped there
     */
    private record Detour(NDArray a, NDArray b, boolean learns) {}

    /** A layer of the head that is used instead of the base's. */
    private record Replacement(NDArray weight, NDArray bias) {}

    private LiveAdapter(
            FrozenWeights base,
            ModelStructure structure,
            double scaling,
            double dropout,
            AdapterPart trained) {
        this.trained = trained;
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
        this(base, layout, weights, AdapterPart.whole());
    }

    /**
     * @param trained entries that may change; a tensor without any records no gradient, so that
     *     backward passes end at the lowest one that has some
     * @throws IllegalArgumentException if the weights or the part do not fit the layout
     */
    public LiveAdapter(
            FrozenWeights base, AdapterLayout layout, AdapterWeights weights, AdapterPart trained) {
        layout.check(weights);
        layout.check(trained);
        this(
                base,
                layout.base(),
                layout.settings().scaling(),
                layout.settings().dropout(),
                trained);
        fill(layout, weights);
    }

    /** The base as it is. */
    public static LiveAdapter none(FrozenWeights base, ModelStructure structure) {
        return new LiveAdapter(base, structure, 1, 0, AdapterPart.whole());
    }

    private void fill(AdapterLayout layout, AdapterWeights weights) {
        for (String name : weights.names()) {
            Shape shape = new Shape(weights.shape(name).toArray());
            NDArray array =
                    NativeValues.create(manager, shape, base.precision(), weights.values(name));
            array.setRequiresGradient(learns(name));
            parameters.put(name, array);
        }
        for (LinearLayer linear : layout.targets()) {
            String a = AdapterKey.a(linear.module());
            String b = AdapterKey.b(linear.module());
            detours.put(
                    linear.module(),
                    new Detour(parameter(a), parameter(b), learns(a) || learns(b)));
        }
        for (LinearLayer linear : layout.head()) {
            NDArray weight = parameter(AdapterKey.replaced(linear.weight()));
            NDArray bias = parameter(AdapterKey.replaced(linear.bias()));
            replacements.put(linear.module(), new Replacement(weight, bias));
        }
    }

    private boolean learns(String tensor) {
        return !trained.of(tensor).isEmpty();
    }

    /**
     * Every array by PEFT's name, those that nothing is trained of too.
     *
     * @throws IllegalStateException while the adapter is merged, because no gradient reaches them
     */
    public SortedMap<String, NDArray> parameters() {
        if (!merged.isEmpty()) {
            throw new IllegalStateException("a merged adapter cannot be trained: unmerge it");
        }
        return new TreeMap<>(parameters);
    }

    /** The entries that may change. */
    public AdapterPart trained() {
        return trained;
    }

    /**
     * Multiplies what heads give from now on: 1 for those of the mask, 0 for the others.
     *
     * @return the gates, for their gradients; they live as long as this
     * @throws IllegalArgumentException if the mask is of another model
     */
    public HeadGates gateHeads(HeadMask mask) {
        gates = HeadGates.of(structure, mask, manager, base.precision());
        return gates;
    }

    /** The manager that everything of this adapter hangs on. */
    public NDManager manager() {
        return manager;
    }

    /**
     * The adapted layers for one forward pass.
     *
     * @param masks masks of this pass for the inputs of A where it is trained; {@link Dropout#NONE}
     *     outside training
     */
    public Linears linears(Dropout masks) {
        Linears adapted = adapted(masks);
        return gates == null ? adapted : gates.before(adapted);
    }

    private Linears adapted(Dropout masks) {
        Linears frozen = Linears.frozen(base, structure, merged);
        return (module, x) -> {
            Replacement head = replacements.get(module);
            if (head != null) {
                return Linear.linear(x, head.weight, head.bias).singletonOrThrow();
            }
            Detour detour = merged.containsKey(module) ? null : detours.get(module);
            return detoured(detour, frozen.apply(module, x), x, masks);
        };
    }

    /**
     * Puts copies of the adapted weights in the place of base and detours, {@code W + scaling · B
     * A}: one product a layer instead of three, for those who only ask. The base stays as it is.
     */
    public void merge() {
        Set<String> inputFirst =
                structure.linears().stream()
                        .filter(LinearLayer::inputFirst)
                        .map(LinearLayer::module)
                        .collect(Collectors.toSet());
        try (Gradients _ = Gradients.off()) {
            detours.forEach((module, detour) ->
                    merged.computeIfAbsent(
                            module, _ -> sum(module, detour, inputFirst.contains(module))));
        }
    }

    private NDArray sum(String module, Detour detour, boolean inputFirst) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray product = detour.b.mul(scaling).matMul(detour.a); // [out, in]
            NDArray sum =
                    (inputFirst ? product.transpose() : product).add(base.get(module + ".weight"));
            NDScope.unregister(sum);
            sum.attach(manager);
            return sum;
        }
    }

    /** Undoes {@link #merge}: everything is computed as before it, bit for bit. */
    public void unmerge() {
        merged.values().forEach(NDArray::close);
        merged.clear();
    }

    private NDArray detoured(@Nullable Detour detour, NDArray y, NDArray x, Dropout masks) {
        if (detour == null) {
            return y;
        }
        NDArray input = detour.learns ? masks.apply(x, dropout) : x;
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
