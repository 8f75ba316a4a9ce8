package dev.espalier.aggregation.importance;

/**
 * The sensitivity of one value and its uncertainty, smoothed (algorithms.md B.3, read: AdaLoRA's).
 *
 * <pre>
 *   I = |w_new (w_old - w_new)|                                   the update as a proxy of w * gradient
 *   Ibar_new = beta1 Ibar + (1 - beta1) I
 *   U_new    = beta2 U    + (1 - beta2) |I - Ibar_new|            of the updated Ibar
 * </pre>
 */
record Smoothing(double beta1, double beta2) {

    /**
     * Learning rate and number of steps are left out of the proxy: a common factor changes no
     * ranking.
     */
    static double proxy(double before, double after) {
        return Math.abs(after * (before - after));
    }

    double sensitivity(double before, double raw) {
        return beta1 * before + (1 - beta1) * raw;
    }

    /**
     * @param sensitivity the updated one
     */
    double uncertainty(double before, double raw, double sensitivity) {
        return beta2 * before + (1 - beta2) * Math.abs(raw - sensitivity);
    }
}
