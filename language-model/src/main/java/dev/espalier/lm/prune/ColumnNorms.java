package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** {@code ‖X[:, j]‖} of every input j over all tokens: what Wanda asks (Sun et al. 2023). */
final class ColumnNorms implements InputStatistics {

    private final EngineSum squares;
    private final Sparsity sparsity;

    ColumnNorms(NDManager manager, int in, Sparsity sparsity) {
        squares = new EngineSum(manager, in);
        this.sparsity = sparsity;
    }

    @Override
    public void add(NDArray x) {
        squares.add(x, rows -> rows.mul(rows).sum(new int[] {0}));
    }

    double[] norms() {
        double[] norms = squares.values();
        for (int j = 0; j < norms.length; j++) {
            if (!Double.isFinite(norms[j])) {
                throw new ArithmeticException("no finite number at input " + j);
            }
            norms[j] = Math.sqrt(norms[j]);
        }
        return norms;
    }

    @Override
    public MatrixPruning pruning() {
        return new WandaPruning(norms(), sparsity);
    }

    @Override
    public void close() {
        squares.close();
    }
}
