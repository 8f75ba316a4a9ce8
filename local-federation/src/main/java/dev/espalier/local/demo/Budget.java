package dev.espalier.local.demo;

import java.util.List;

/**
 * How many training examples a run may see, repeats counted, so that federated, pooled and
 * stand-alone training are compared at the same price.
 *
 * @param maxExamples that a provider trains on in one round; the rest of its text waits for another
 */
record Budget(int rounds, int epochs, int maxExamples) {

    /** What federated training sees in all, and pooled, and all stand-alone runs together. */
    static final int EXAMPLES = 6_000;

    /**
     * The smallest {@link #maxExamples} with which these providers see the whole budget; their
     * largest size where they have too little for it.
     */
    static Budget of(int rounds, int epochs, List<Integer> sizes) {
        int largest = sizes.stream().mapToInt(Integer::intValue).max().orElseThrow();
        for (int limit = 1; limit < largest; limit++) {
            Budget budget = new Budget(rounds, epochs, limit);
            if (budget.total(sizes) >= EXAMPLES) {
                return budget;
            }
        }
        return new Budget(rounds, epochs, largest);
    }

    /** Seen by a provider with so many training texts, over all rounds. */
    int seenBy(int size) {
        return rounds * epochs * Math.min(size, maxExamples);
    }

    int total(List<Integer> sizes) {
        return sizes.stream().mapToInt(this::seenBy).sum();
    }
}
