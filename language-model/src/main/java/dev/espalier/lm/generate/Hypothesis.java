package dev.espalier.lm.generate;

/** A sequence of tokens, prompt included, and how good it is. Its array is never written to. */
final class Hypothesis {

    final int[] ids;
    final double score;

    private Hypothesis(int[] ids, double score) {
        this.ids = ids;
        this.score = score;
    }

    /**
     * @param logProbability of all its tokens after the prompt
     */
    Hypothesis(int[] ids, double logProbability, double lengthPenalty) {
        this(ids, logProbability / Math.pow(ids.length, lengthPenalty));
    }

    /** Other tokens, the same score. */
    Hypothesis withIds(int[] other) {
        return new Hypothesis(other, score);
    }
}
