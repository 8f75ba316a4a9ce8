package dev.espalier.lm.prune;

import java.util.BitSet;

/**
 * Goes through the columns of a matrix, drops weights and lets the columns that are still to come
 * make up for it (Frantar and Alistarh 2023; algorithms.md C.4).
 *
 * <pre>
 *   score[o, j] = w[o, j]² / U[j, j]²
 *   per block of columns: choose what is dropped, over all rows of the block
 *     per column j:  e = (w[:, j] - q[:, j]) / U[j, j]     q = w, or 0 where dropped
 *                    w[:, j:] -= e U[j, j:]
 * </pre>
 *
 * In groups the choice is made when the first column of a group is reached. The official code
 * carries errors to later blocks only when a block is done, which comes to the same sums.
 *
 * <p>Ours: of {@code floor(s · D)} weights each block drops those that its columns bring the count
 * up to, so that a matrix of several blocks drops exactly as many as one. Weights of dead inputs
 * become 0 and count as dropped, even if that makes it more. In doubles, rounded once.
 */
record SparseGptPruning(
        DampedHessian.Factor inputs, Pruner.SparseGpt settings, Sparsity sparsity, CutRule rule)
        implements MatrixPruning {

    @Override
    public Result prune(WeightMatrix w) {
        double[][] values = live(w);
        BitSet dropped = new BitSet(w.values().length);
        for (int from = 0; from < w.columns(); from += settings.blockColumns()) {
            int to = Math.min(from + settings.blockColumns(), w.columns());
            if (sparsity instanceof Sparsity.Unstructured share) {
                choose(values, share, from, to, w, dropped);
            }
            for (int row = 0; row < w.rows(); row++) {
                sweep(values[row], w.index(row, 0), from, to, dropped);
            }
        }
        return new Result(dropped, rounded(w, values));
    }

    /** The weights, those of dead inputs taken out. */
    private double[][] live(WeightMatrix w) {
        double[][] values = new double[w.rows()][w.columns()];
        for (int row = 0; row < w.rows(); row++) {
            for (int j = 0; j < w.columns(); j++) {
                values[row][j] = inputs.isDead(j) ? 0 : w.values()[w.index(row, j)];
            }
        }
        return values;
    }

    private void choose(
            double[][] values,
            Sparsity.Unstructured share,
            int from,
            int to,
            WeightMatrix w,
            BitSet dropped) {
        int width = to - from;
        double[] scores = new double[values.length * width];
        for (int row = 0; row < values.length; row++) {
            for (int j = from; j < to; j++) {
                scores[row * width + j - from] = score(values[row], j);
            }
        }
        int wanted =
                switch (rule) {
                    case EXACT ->
                            share.dropped((long) w.rows() * to)
                                    - share.dropped((long) w.rows() * from);
                    case REFERENCE -> share.dropped(scores.length);
                };
        rule.drop(scores, wanted, i -> dropped.set(w.index(i / width, from + i % width)));
    }

    /**
     * @param first place of the row's first weight in the matrix
     */
    private void sweep(double[] row, int first, int from, int to, BitSet dropped) {
        for (int j = from; j < to; j++) {
            if (sparsity instanceof Sparsity.InGroups groups && j % groups.size() == 0) {
                chooseGroup(row, first, j, groups, dropped);
            }
            if (inputs.isDead(j)) {
                dropped.set(first + j);
            }
            if (dropped.get(first + j)) {
                double[] u = inputs.row(j);
                InverseFactor.subtract(row, row[j] / u[j], u, j + 1, row.length);
                row[j] = 0;
            }
        }
    }

    private void chooseGroup(
            double[] row, int first, int from, Sparsity.InGroups groups, BitSet dropped) {
        double[] scores = new double[groups.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score(row, from + i);
        }
        CutRule.EXACT.drop(scores, groups.dropped(), i -> dropped.set(first + from + i));
    }

    private double score(double[] row, int column) {
        double ratio = row[column] / inputs.diagonal(column);
        return ratio * ratio;
    }

    private static WeightMatrix rounded(WeightMatrix w, double[][] values) {
        float[] rounded = new float[w.values().length];
        for (int row = 0; row < w.rows(); row++) {
            for (int j = 0; j < w.columns(); j++) {
                rounded[w.index(row, j)] = (float) values[row][j];
            }
        }
        return new WeightMatrix(w.rows(), w.columns(), rounded);
    }
}
