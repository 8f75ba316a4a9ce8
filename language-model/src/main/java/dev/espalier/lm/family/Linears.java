package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.core.Linear;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.weights.FrozenWeights;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The linear layers of a model during one forward pass, by module path. An adapter changes a model
 * by giving another implementation of this.
 */
@FunctionalInterface
public interface Linears {

    /**
     * @param x [..., in]
     * @return [..., out]
     */
    NDArray apply(String module, NDArray x);

    /** The base model's own layers, for one forward pass. */
    static Linears frozen(FrozenWeights weights, ModelStructure structure) {
        return frozen(weights, structure, Map.of());
    }

    /**
     * The base model's own layers, but some with another W.
     *
     * @param others W by module, in the form that the base stores it in
     */
    static Linears frozen(
            FrozenWeights weights, ModelStructure structure, Map<String, NDArray> others) {
        Linears wide = wide(weights, structure, others);
        return weights.precision() == Precision.BFLOAT16
                ? new NarrowLinears(weights, structure, others.keySet(), wide)
                : wide;
    }

    private static Linears wide(
            FrozenWeights weights, ModelStructure structure, Map<String, NDArray> others) {
        Set<String> inputFirst =
                structure.linears().stream()
                        .filter(LinearLayer::inputFirst)
                        .map(LinearLayer::module)
                        .collect(Collectors.toUnmodifiableSet());
        return (module, x) -> {
            NDArray other = others.get(module);
            NDArray w = other == null ? weights.get(module + ".weight") : other;
            String bias = module + ".bias";
            if (inputFirst.contains(module)) {
                return x.matMul(w).add(weights.get(bias));
            }
            return weights.has(bias)
                    ? Linear.linear(x, w, weights.get(bias)).singletonOrThrow()
                    : Linear.linear(x, w).singletonOrThrow();
        };
    }
}
