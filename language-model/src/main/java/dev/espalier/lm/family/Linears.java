package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.core.Linear;
import dev.espalier.lm.weights.FrozenWeights;

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

    /** The base model's own layers. */
    static Linears frozen(FrozenWeights weights) {
        return (module, x) -> {
            NDArray w = weights.get(module + ".weight");
            String bias = module + ".bias";
            if (weights.has(bias)) {
                return Linear.linear(x, w, weights.get(bias)).singletonOrThrow();
            }
            return Linear.linear(x, w).singletonOrThrow();
        };
    }
}
