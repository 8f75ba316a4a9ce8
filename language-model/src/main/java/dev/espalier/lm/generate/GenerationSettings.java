package dev.espalier.lm.generate;

import java.util.List;

/**
 * How a text is continued. Names and meanings are those of transformers' {@code generate}.
 *
 * @param maxNewTokens 1 or more
 * @param endTokens a sequence that reaches one of them is complete; may be empty; the first stands
 *     at the end of what a beam search completed
 * @param beams sequences that are followed side by side; 1 always takes the likeliest token
 * @param lengthPenalty sequences are compared by their log probability over length to this power,
 *     so above 0 favours long ones
 * @param earlyStopping whether the search ends with the first {@code beams} complete sequences; if
 *     not, when no open one is likely to become better
 */
public record GenerationSettings(
        int maxNewTokens,
        List<Integer> endTokens,
        int beams,
        double lengthPenalty,
        boolean earlyStopping) {

    public GenerationSettings {
        endTokens = List.copyOf(endTokens);
        if (maxNewTokens < 1 || beams < 1) {
            throw new IllegalArgumentException(
                    "maxNewTokens %d and beams %d must be 1 or more"
                            .formatted(maxNewTokens, beams));
        }
        if (!Double.isFinite(lengthPenalty)) {
            throw new IllegalArgumentException("lengthPenalty is " + lengthPenalty);
        }
    }

    /** The likeliest token, again and again. */
    public static GenerationSettings greedy(int maxNewTokens, List<Integer> endTokens) {
        return new GenerationSettings(maxNewTokens, endTokens, 1, 1, false);
    }

    /** Beam search as transformers does it by default. */
    public static GenerationSettings beams(int beams, int maxNewTokens, List<Integer> endTokens) {
        return new GenerationSettings(maxNewTokens, endTokens, beams, 1, false);
    }
}
