package dev.espalier.lm.prune;

/**
 * The upper triangular U with {@code Uᵀ U = H⁻¹}, without ever making H⁻¹: {@code H = V Vᵀ} with V
 * upper triangular, factored from the last row up, and {@code U = V⁻¹}.
 *
 * <pre>
 *   V[i, j] = (H[i, j] - Σ k &gt; j: V[i, k] V[j, k]) / V[j, j],   V[j, j] = sqrt(...)     i ≤ j
 *   U[i, j] = -(Σ i ≤ k &lt; j: U[i, k] V[k, j]) / V[j, j],         U[j, j] = 1 / V[j, j]
 * </pre>
 *
 * In doubles and always in the same order: the same H gives the same bits. Two thirds of {@code n³}
 * operations. Some rows are worked on together while they are in the processor's cache.
 */
final class InverseFactor {

    private static final int TOGETHER = 32;

    private InverseFactor() {}

    /**
     * Replaces H by U; below the diagonal U is 0.
     *
     * @param h [n, n], symmetric
     * @throws ArithmeticException if H is not positive definite
     */
    static void replace(double[][] h) {
        factor(h);
        turn(h);
        invert(h);
    }

    /** Puts Vᵀ into the lower triangle. */
    private static void factor(double[][] h) {
        for (int to = h.length; to > 0; to -= TOGETHER) {
            int from = Math.max(0, to - TOGETHER);
            for (int j = to - 1; j >= from; j--) {
                take(h, j, j + 1, to);
                scale(h[j], j);
            }
            for (int i = 0; i < from; i++) {
                take(h, i, from, to);
            }
        }
    }

    /** Takes the part of finished rows out of a row. */
    private static void take(double[][] h, int row, int from, int to) {
        for (int k = from; k < to; k++) {
            subtract(h[row], h[k][row], h[k], 0, row + 1);
        }
    }

    private static void scale(double[] row, int diagonal) {
        double square = row[diagonal];
        if (!(square > 0) || Double.isInfinite(square)) { // written so that NaN fails too
            throw new ArithmeticException("not positive definite at row " + diagonal);
        }
        double root = Math.sqrt(square);
        for (int i = 0; i <= diagonal; i++) {
            row[i] /= root;
        }
    }

    /** The lower triangle becomes the upper one. */
    private static void turn(double[][] h) {
        for (int i = 0; i < h.length; i++) {
            for (int j = 0; j < i; j++) {
                h[j][i] = h[i][j];
                h[i][j] = 0;
            }
        }
    }

    /** Row i of U needs the rows of V from i on, so it may take the place of row i of V. */
    private static void invert(double[][] v) {
        int n = v.length;
        for (int from = 0; from < n; from += TOGETHER) {
            int to = Math.min(from + TOGETHER, n);
            double[][] u = new double[to - from][n];
            for (int k = from; k < n; k++) {
                for (int i = from; i <= Math.min(k, to - 1); i++) {
                    double[] row = u[i - from];
                    row[k] = ((i == k ? 1 : 0) + row[k]) / v[k][k];
                    subtract(row, row[k], v[k], k + 1, n);
                }
            }
            System.arraycopy(u, 0, v, from, to - from);
        }
    }

    /** {@code row -= factor · other} in the columns from {@code from} to before {@code to}. */
    static void subtract(double[] row, double factor, double[] other, int from, int to) {
        for (int i = from; i < to; i++) { // one index for both, or it is not vectorised
            row[i] -= factor * other[i];
        }
    }
}
