package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.weights.FrozenWeights;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a base model in {@link Bfloat16}, its task head apart. Belongs to one forward pass.
 *
 * <p>Query, key and value read the same x one after the other, so the last x is kept in its narrow
 * form.
 */
final class NarrowLinears implements Linears {

    private final FrozenWeights weights;
    private final Linears wide;
    private final Map<String, LinearLayer> layers;
    private @Nullable NDArray last;
    private Bfloat16.@Nullable Narrow lastNarrowed;

    /**
     * @param others modules that have another W than the base's
     * @param wide for these and the task head
     */
    NarrowLinears(
            FrozenWeights weights, ModelStructure structure, Set<String> others, Linears wide) {
        this.weights = weights;
        this.wide = wide;
        layers =
                structure.linears().stream()
                        .filter(linear -> !linear.module().equals(structure.taskHeadModule()))
                        .filter(linear -> !others.contains(linear.module()))
                        .collect(Collectors.toMap(LinearLayer::module, Function.identity()));
    }

    @Override
    public NDArray apply(String module, NDArray x) {
        LinearLayer linear = layers.get(module);
        if (linear == null) {
            return wide.apply(module, x);
        }
        Bfloat16.Narrow input = narrowed(x);
        Bfloat16.Narrow w = weights.narrow(linear.weight());
        if (!linear.biased()) {
            return Bfloat16.linear(input, w, null);
        }
        Bfloat16.Narrow b = weights.narrow(linear.bias());
        return linear.inputFirst()
                ? Bfloat16.inputFirst(input, w, b)
                : Bfloat16.linear(input, w, b);
    }

    private Bfloat16.Narrow narrowed(NDArray x) {
        Bfloat16.Narrow narrowed = lastNarrowed;
        if (x != last || narrowed == null || narrowed.isReleased()) {
            narrowed = Bfloat16.narrowed(x);
            last = x;
            lastNarrowed = narrowed;
        }
        return narrowed;
    }
}
