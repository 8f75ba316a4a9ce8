package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * {@code H = 2/N Σ x xᵀ} over all tokens of N sequences: what SparseGPT asks (Frantar and Alistarh
 * 2023). 8 in² bytes in the engine and, from {@link #pruning} on, as many in Java.
 */
final class Hessian implements InputStatistics {

    private final EngineSum products;
    private final Pruner.SparseGpt settings;
    private final Sparsity sparsity;
    private final CutRule rule;
    private long sequences;

    Hessian(NDManager manager, int in, Pruner.SparseGpt settings, Sparsity sparsity, CutRule rule) {
        products = new EngineSum(manager, in, in);
        this.settings = settings;
        this.sparsity = sparsity;
        this.rule = rule;
    }

    @Override
    public void add(NDArray x) {
        sequences += x.getShape().get(0);
        products.add(x, rows -> rows.transpose().matMul(rows));
    }

    /** [in, in]. */
    double[][] values() {
        double[][] h = products.rows();
        for (double[] row : h) {
            for (int j = 0; j < row.length; j++) {
                row[j] *= 2.0 / sequences;
            }
        }
        return h;
    }

    @Override
    public MatrixPruning pruning() {
        DampedHessian damped = DampedHessian.of(values(), settings.damping());
        return new SparseGptPruning(damped.factored(), settings, sparsity, rule);
    }

    @Override
    public void close() {
        products.close();
    }
}
