package dev.espalier.lm.head;

/**
 * Which attentions count for the confidence of a head (algorithms.md A.3 step 3 and A.8, numbers 1
 * and 4). Padding never does.
 *
 * @param excludeEosQuery tokens that end a text do not count as those who ask
 * @param excludeEosKey nor as those who are asked
 * @param skipSingleKeyQueries tokens that see only one token do not count, whose attention could
 *     not be other than 1: the first one of a decoder
 * @param average over what
 */
public record ConfidenceSettings(
        boolean excludeEosQuery,
        boolean excludeEosKey,
        boolean skipSingleKeyQueries,
        Average average) {

    /** What every part of has the same weight in the mean. */
    public enum Average {
        /** Every token that asks, whatever text it is in. */
        TOKENS,
        /** Every text, as the mean over its tokens. */
        TEXTS
    }

    /** The readings that algorithms.md recommends. */
    public static ConfidenceSettings defaults() {
        return new ConfidenceSettings(true, true, true, Average.TOKENS);
    }
}
