package dev.espalier.lm.adapter;

import dev.espalier.tensors.Shape;
import java.util.function.Supplier;

/** What an adapter adds to, or puts in place of, the tensors of its base. */
public final class AdapterDelta {

    private static final String WEIGHT = ".weight";

    private final AdapterWeights weights;
    private final double scaling;

    public AdapterDelta(AdapterSettings settings, AdapterWeights weights) {
        this.weights = weights;
        this.scaling = settings.scaling();
    }

    /**
     * A tensor of the base with the adapter merged in: {@code W + (alpha / rank) · B A}, summed in
     * double; the trained tensor where the adapter replaces it; else the base's own.
     *
     * @param tensor canonical name in the base
     * @param shape of it
     * @param base asked for the base's values, which may be overwritten
     */
    public float[] mergedInto(String tensor, Shape shape, Supplier<float[]> base) {
        if (weights.names().contains(AdapterKey.replaced(tensor))) {
            return weights.values(AdapterKey.replaced(tensor));
        }
        float[] values = base.get();
        if (!tensor.endsWith(WEIGHT)) {
            return values;
        }
        String module = tensor.substring(0, tensor.length() - WEIGHT.length());
        if (weights.names().contains(AdapterKey.a(module))) {
            add(module, Math.toIntExact(shape.dimension(1)), values);
        }
        return values;
    }

    /**
     * @param w [out, in], overwritten
     */
    private void add(String module, int in, float[] w) {
        float[] a = weights.values(AdapterKey.a(module)); // [rank, in]
        float[] b = weights.values(AdapterKey.b(module)); // [out, rank]
        int rank = a.length / in;
        for (int o = 0; o < w.length / in; o++) {
            for (int i = 0; i < in; i++) {
                double sum = 0;
                for (int r = 0; r < rank; r++) {
                    sum += (double) b[o * rank + r] * a[r * in + i];
                }
                w[o * in + i] = (float) (w[o * in + i] + scaling * sum);
            }
        }
    }
}
