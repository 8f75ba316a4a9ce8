package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.core.Linear;
import dev.espalier.lm.weights.FrozenWeights;
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

    /** The base model's own layers. */
    static Linears frozen(FrozenWeights weights, ModelStructure structure) {
        Set<String> inputFirst =
                structure.linears().stream()
                        .filter(LinearLayer::inputFirst)
                        .map(LinearLayer::module)
                        .collect(Collectors.toUnmodifiableSet());
        return (module, x) -> {
            NDArray w = weights.get(module + ".weight");
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
