package dev.espalier.lm.train;

import org.jspecify.annotations.Nullable;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), in the order and with the epsilon
 * of PyTorch, which DJL's own optimiser does not have.
 *
 * <pre>
 *   w = w (1 - lr · decay)
 *   m = β1 m + (1 - β1) g        v = β2 v + (1 - β2) g²
 *   w = w - lr · (m / (1 - β1ᵗ)) / (√(v / (1 - β2ᵗ)) + ε)
 * </pre>
 */
final class AdamW {

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final double weightDecay;

    AdamW(double weightDecay) {
        this.weightDecay = weightDecay;
    }

    /**
     * One step on one tensor.
     *
     * @param t number of the step, from 1
     * @param w values, overwritten
     * @param g gradient
     * @param m first moment, overwritten
     * @param v second moment, overwritten
     */
    void step(int t, double learningRate, float[] w, float[] g, float[] m, float[] v) {
        step(t, learningRate, w, g, m, v, null);
    }

    /**
     * As the other, but for values that stay as they are to the last bit, decay included.
     *
     * @param trained which may change; null for all
     */
    void step(
            int t,
            double learningRate,
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            boolean @Nullable [] trained) {
        double decay = 1 - learningRate * weightDecay;
        double stepSize = learningRate / (1 - StrictMath.pow(BETA1, t));
        double correction = Math.sqrt(1 - StrictMath.pow(BETA2, t));
        for (int i = 0; i < w.length; i++) {
            if (trained != null && !trained[i]) {
                continue;
            }
            m[i] = (float) (BETA1 * m[i] + (1 - BETA1) * g[i]);
            v[i] = (float) (BETA2 * v[i] + (1 - BETA2) * g[i] * g[i]);
            double denominator = Math.sqrt(v[i]) / correction + EPSILON;
            w[i] = (float) (w[i] * decay - stepSize * m[i] / denominator);
        }
    }
}
