package dev.espalier.lm.adapter;

import dev.espalier.lm.family.LinearLayer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What an adapter adds to, or puts in place of, the tensors of its base. */
public final class AdapterDelta {

    private final AdapterWeights weights;
    private final double scaling;
    private final Map<String, LinearLayer> targets = new HashMap<>();

    /**
     * @param weights fit the layout
     */
    public AdapterDelta(AdapterLayout layout, AdapterWeights weights) {
        this.weights = weights;
        this.scaling = layout.settings().scaling();
        layout.targets().forEach(linear -> targets.put(linear.weight(), linear));
    }

    /**
     * A tensor of the base with the adapter merged in: {@code W + (alpha / rank) · B A}, summed in
     * double; the trained tensor where the adapter replaces it; else the base's own.
     *
     * @param tensor canonical name in the base
     * @param base asked for the base's values, which may be overwritten
     */
    public float[] mergedInto(String tensor, Supplier<float[]> base) {
        if (weights.names().contains(AdapterKey.replaced(tensor))) {
            return weights.values(AdapterKey.replaced(tensor));
        }
        return shifted(tensor, base.get(), scaling);
    }

    /**
     * The other way round: a tensor of the base from one with the adapter merged in, {@code M -
     * (alpha / rank) · B A}. None where the adapter had put its own in place.
     *
     * <p>A merged value M is W and the adapter's part, rounded to a float. What comes back is W
     * itself or differs from it by no more than one unit in the last place of M: rounding loses no
     * more than half of one, and of all floats W is that near. Where M is smaller than W by a
     * factor of two or more, it is W.
     *
     * @param merged asked for the merged values, which may be overwritten
     */
    public Optional<float[]> takenFrom(String tensor, Supplier<float[]> merged) {
        if (weights.names().contains(AdapterKey.replaced(tensor))) {
            return Optional.empty();
        }
        return Optional.of(shifted(tensor, merged.get(), -scaling));
    }

    private float[] shifted(String tensor, float[] values, double factor) {
        LinearLayer target = targets.get(tensor);
        if (target != null) {
            add(target, values, factor);
        }
        return values;
    }

    /**
     * @param w [out, in], or [in, out] where the layer is stored so; overwritten
     */
    private void add(LinearLayer linear, float[] w, double factor) {
        float[] a = weights.values(AdapterKey.a(linear.module())); // [rank, in]
        float[] b = weights.values(AdapterKey.b(linear.module())); // [out, rank]
        int in = linear.in();
        int rank = a.length / in;
        for (int o = 0; o < linear.out(); o++) {
            for (int i = 0; i < in; i++) {
                double sum = 0;
                for (int r = 0; r < rank; r++) {
                    sum += (double) b[o * rank + r] * a[r * in + i];
                }
                int at = linear.inputFirst() ? i * linear.out() + o : o * in + i;
                w[at] = (float) (w[at] + factor * sum);
            }
        }
    }
}
