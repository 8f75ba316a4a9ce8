package dev.espalier.protocol.work;

/**
 * Of how many tokens a model is as unsure of the next one as if it drew among them: e to its mean
 * loss (algorithms.md C.5).
 */
public final class Perplexity {

    /** e to more of it would soon be no number that JSON can write. */
    private static final double LARGEST_LOSS = 700;

    private Perplexity() {}

    /**
     * @param loss mean over all predicted tokens, in nats
     * @return at most {@link Bounds#PERPLEXITY}
     */
    public static double of(double loss) {
        return Math.exp(Math.min(loss, LARGEST_LOSS));
    }
}
