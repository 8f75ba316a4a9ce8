package dev.espalier.lm.head;

import java.util.Arrays;

/**
 * A number for each attention head, block by block in the order of {@code
 * ModelStructure.attention()}; the higher, the rather the head is kept. Immutable.
 */
public final class HeadScores {

    private final double[][] scores;

    private HeadScores(double[][] scores) {
        this.scores = scores;
    }

    /**
     * @param scores [block][head], finite; blocks may differ in their number of heads
     */
    public static HeadScores of(double[]... scores) {
        for (double[] block : scores) {
            for (double score : block) {
                if (!Double.isFinite(score)) {
                    throw new IllegalArgumentException("the score of a head must be a number");
                }
            }
        }
        return new HeadScores(copy(scores));
    }

    public int blocks() {
        return scores.length;
    }

    /** Heads of a block. */
    public int heads(int block) {
        return scores[block].length;
    }

    /** Heads of all blocks. */
    public int heads() {
        return Arrays.stream(scores).mapToInt(block -> block.length).sum();
    }

    public double score(int block, int head) {
        return scores[block][head];
    }

    /** A copy, [block][head]. */
    public double[][] toArray() {
        return copy(scores);
    }

    private static double[][] copy(double[][] scores) {
        return Arrays.stream(scores).map(double[]::clone).toArray(double[][]::new);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeadScores that && Arrays.deepEquals(scores, that.scores);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(scores);
    }

    @Override
    public String toString() {
        return Arrays.deepToString(scores);
    }
}
