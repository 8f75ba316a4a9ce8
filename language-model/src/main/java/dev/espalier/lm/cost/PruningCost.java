package dev.espalier.lm.cost;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelHeads;
import java.util.List;
import java.util.SortedSet;

/**
 * What pruning matrices layer by layer costs in multiply-accumulate operations. Three figures that
 * must not be mixed up: the first and the last are those of algorithms.md C.6, the second is ours.
 *
 * <pre>
 *   forward  = one forward pass of the calibration texts up to the highest pruned layer
 *   again    = pruned layers below it once more, with what is left of their weights
 *   solving  = Σ pruned matrices: in³ / 3 + out · in²          SparseGPT alone
 * </pre>
 *
 * <p>A pass counts what {@link ModelCost} counts. Not counted: norms of columns and the sums of
 * products that a Hessian is made of, for C.6 does not, nor scores and sorting. It is the method's
 * cost: matrices that share their inputs share a factor here, and each counts one.
 */
public record PruningCost(long forward, long again, long solving) {

    /**
     * @param heads of the model, which has all
     * @param layers that are pruned, by place in the forward pass
     * @param calibration batches that are read; none where the pruner reads no text
     * @param solves whether the pruner is SparseGPT
     */
    public static PruningCost of(
            ModelHeads heads,
            SortedSet<Integer> layers,
            List<BatchShape> calibration,
            boolean solves) {
        ModelCost model = ModelCost.of(heads);
        List<String> names = model.layers();
        List<String> read = layers.isEmpty() ? List.of() : names.subList(0, layers.last() + 1);
        List<String> pruned = layers.stream().map(names::get).toList();
        List<String> repeated = pruned.subList(0, Math.max(0, pruned.size() - 1));
        long solving =
                pruned.stream()
                        .flatMap(layer -> model.linears(layer).stream())
                        .mapToLong(PruningCost::solving)
                        .sum();
        return new PruningCost(
                forward(model, calibration, read),
                forward(model, calibration, repeated),
                solves ? solving : 0);
    }

    private static long forward(ModelCost model, List<BatchShape> texts, List<String> layers) {
        return texts.stream().mapToLong(batch -> model.of(batch, layers).forward()).sum();
    }

    private static long solving(LinearLayer linear) {
        long in = linear.in();
        return in * in * in / 3 + linear.out() * in * in;
    }

    /** Everything. */
    public long total() {
        return forward + again + solving;
    }
}
