package dev.espalier.protocol.work;

/**
 * The most that an agent may say of one piece of work: far above anything that happens, and small
 * enough for the sums over hundreds of thousands of pieces. More is refused, so that one agent's
 * absurd number cannot spoil what a job adds up.
 */
public final class Bounds {

    /** Examples behind a result. */
    public static final long EXAMPLES = 1_000_000_000;

    /** Bytes that were moved: ten terabytes, of which 900,000 fit into one {@code long}. */
    public static final long BYTES = 10_000_000_000_000L;

    /**
     * Multiply-accumulates: 26 epochs of a million texts of 128 tokens through a model of a hundred
     * million weights, forward and back. {@link Cost#plus} stops at the largest {@code long}.
     */
    public static final long MACS = 1_000_000_000_000_000_000L;

    /** Seconds, a whole lifetime of 31 years. */
    public static final String SECONDS = "1000000000";

    /** A mean loss in nats. */
    public static final String LOSS = "1000000000";

    /** Tokens that were predicted. */
    public static final long TOKENS = 1_000_000_000_000L;

    /**
     * E to the mean loss, held to e^700, near the largest number there is: a model whose values
     * have run away is still told of.
     */
    public static final String PERPLEXITY = "1.02e304";

    private Bounds() {}
}
