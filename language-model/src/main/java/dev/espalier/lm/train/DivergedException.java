package dev.espalier.lm.train;

/** The loss or its gradient became infinite or NaN; values from then on would be worthless. */
public final class DivergedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    DivergedException(int step, double loss, double gradientNorm) {
        super(
                "training diverged at step %d: loss %s, gradient norm %s; lower the learning rate"
                        .formatted(step, loss, gradientNorm));
    }
}
