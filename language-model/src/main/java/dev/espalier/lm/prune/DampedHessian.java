package dev.espalier.lm.prune;

import java.util.BitSet;

/**
 * What SparseGPT factors (Frantar and Alistarh 2023; algorithms.md C.4): the Hessian of a layer's
 * squared error, made invertible.
 *
 * <pre>
 *   H[j, j] = 1                       of inputs that are always 0: dead ones
 *   H      += λ mean(diag H) · I
 * </pre>
 */
final class DampedHessian {

    private final double[][] values;
    private final BitSet dead;

    private DampedHessian(double[][] values, BitSet dead) {
        this.values = values;
        this.dead = dead;
    }

    /**
     * @param h {@code 2/N Σ x xᵀ} over all tokens of N sequences; overwritten
     * @param damping λ
     */
    static DampedHessian of(double[][] h, double damping) {
        BitSet dead = new BitSet(h.length);
        double trace = 0;
        for (int j = 0; j < h.length; j++) {
            if (h[j][j] == 0) {
                dead.set(j);
                h[j][j] = 1;
            }
            trace += h[j][j];
        }
        double damp = damping * (trace / h.length);
        for (int j = 0; j < h.length; j++) {
            h[j][j] += damp;
        }
        return new DampedHessian(h, dead);
    }

    /** [n, n]; not a copy. */
    double[][] values() {
        return values;
    }

    /** Inputs that no calibration token excites. */
    BitSet dead() {
        return dead;
    }

    /** The same inputs with U, {@code Uᵀ U = H⁻¹}, in the place of H, which is lost. */
    Factor factored() {
        InverseFactor.replace(values);
        return new Factor(values, dead);
    }

    /** All that pruning a matrix asks of its inputs; shared by all matrices that read them. */
    static final class Factor {

        private final double[][] u;
        private final BitSet dead;

        /**
         * @param u [n, n], upper triangular; not copied
         */
        Factor(double[][] u, BitSet dead) {
            this.u = u;
            this.dead = dead;
        }

        /** Row j of U; not a copy. */
        double[] row(int j) {
            return u[j];
        }

        /** {@code U[j, j]}. */
        double diagonal(int j) {
            return u[j][j];
        }

        /** Whether no calibration token excites input j. */
        boolean isDead(int j) {
            return dead.get(j);
        }
    }
}
