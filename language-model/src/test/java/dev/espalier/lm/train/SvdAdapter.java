package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Linears;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * AdaLoRA's form of an adapter in the engine, over a frozen base (Zhang et al. 2023, section 3.1;
 * {@code SVDLinear} of loralib).
 *
 * <pre>
 *   y = frozen(x) + alpha / (r + 1e-5) · (x (A ⊙ E)ᵀ) Bᵀ        A [r, in], E [r, 1], B [out, r]
 * </pre>
 */
final class SvdAdapter implements AutoCloseable {

    private static final List<String> FACTORS = List.of(".lora_A", ".lora_B");

    private final BaseModel base;
    private final double alpha;
    private final NDManager manager;
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();

    /**
     * @param values by name: a module's path, then {@code .lora_A}, {@code .lora_E} or {@code
     *     .lora_B}
     */
    SvdAdapter(BaseModel base, double alpha, AdapterWeights values) {
        this.base = base;
        this.alpha = alpha;
        manager = base.weights().manager().newSubManager();
        for (String name : values.names()) {
            Shape shape = new Shape(values.shape(name).toArray());
            NDArray array =
                    NativeValues.create(
                            manager, shape, base.weights().precision(), values.values(name));
            array.setRequiresGradient(true);
            parameters.put(name, array);
        }
    }

    SortedMap<String, NDArray> parameters() {
        return new TreeMap<>(parameters);
    }

    /** Overwrites the values in the engine. */
    void write(AdapterWeights values) {
        parameters.forEach((name, array) -> NativeValues.write(values.values(name), array));
    }

    Linears linears(Workspace workspace) {
        Linears frozen = Linears.frozen(base.weights(), base.structure());
        return (module, x) -> {
            NDArray y = frozen.apply(module, x);
            return parameters.containsKey(module + ".lora_A")
                    ? y.add(detour(module, x, workspace))
                    : y;
        };
    }

    private NDArray detour(String module, NDArray x, Workspace workspace) {
        NDArray a = parameter(module + ".lora_A");
        NDArray rows = a.mul(parameter(module + ".lora_E"));
        double scaling = alpha / (a.getShape().get(0) + 1e-5);
        NDArray squeezed = Linear.linear(x, rows).singletonOrThrow(); // [..., r]
        return Linear.linear(
                        squeezed.mul(number(scaling, workspace)), parameter(module + ".lora_B"))
                .singletonOrThrow();
    }

    /**
     * How far rows of A and columns of B are from being orthonormal: the mean over all A and B of
     * the Frobenius norm of {@code A Aᵀ - I} and {@code Bᵀ B - I}.
     */
    NDArray orthogonality(Workspace workspace) {
        NDArray sum = number(0, workspace);
        int count = 0;
        for (String name : parameters.keySet()) {
            if (FACTORS.stream().anyMatch(name::endsWith)) {
                NDArray factor = parameter(name);
                boolean rows = name.endsWith(".lora_A");
                NDArray products =
                        rows
                                ? factor.matMul(factor.transpose())
                                : factor.transpose().matMul(factor); // [r, r]
                NDArray off = products.sub(workspace.manager().eye((int) products.size(0)));
                sum = sum.add(off.mul(off).sum().sqrt());
                count++;
            }
        }
        return sum.mul(number(1.0 / count, workspace));
    }

    private NDArray number(double value, Workspace workspace) {
        return workspace
                .manager()
                .full(new Shape(), (float) value, base.weights().precision().type());
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
