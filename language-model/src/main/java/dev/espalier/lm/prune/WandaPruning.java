package dev.espalier.lm.prune;

import java.util.BitSet;

/**
 * Drops the smallest {@code |W[o, j]| · ‖X[:, j]‖} of each output row (Sun et al. 2023;
 * algorithms.md C.4): {@code floor(s · columns)} of it, or so many of each group; of equal ones the
 * lower column.
 */
final class WandaPruning implements MatrixPruning {

    private final double[] norms;
    private final Sparsity sparsity;

    /**
     * @param norms ‖X[:, j]‖ over all calibration tokens, or anything in proportion to it
     */
    WandaPruning(double[] norms, Sparsity sparsity) {
        this.norms = norms;
        this.sparsity = sparsity;
    }

    @Override
    public Result prune(WeightMatrix w) {
        BitSet dropped = new BitSet(w.values().length);
        double[] scores = new double[w.columns()];
        for (int row = 0; row < w.rows(); row++) {
            int first = w.index(row, 0);
            for (int j = 0; j < scores.length; j++) {
                scores[j] = Math.abs(w.values()[first + j]) * norms[j];
            }
            switch (sparsity) {
                case Sparsity.Unstructured share ->
                        CutRule.EXACT.drop(
                                scores,
                                share.dropped(scores.length),
                                column -> dropped.set(first + column));
                case Sparsity.InGroups groups ->
                        RowGroups.drop(scores, groups, column -> dropped.set(first + column));
            }
        }
        return new Result(dropped, null);
    }
}
