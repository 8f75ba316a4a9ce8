package dev.espalier.benchmarks.prune;

import java.util.List;
import java.util.Locale;

/**
 * How large the experiment is. Chosen for two cores: quick within 30 minutes, the usual one within
 * 75, full within a night.
 */
public enum PruneSize {
    QUICK(List.of(1L), 6, 12, new Healing(9, 48)),
    DEFAULT(List.of(1L), 12, 60, new Healing(10, 64)),
    FULL(List.of(1L, 2L, 3L), 60, 60, new Healing(30, 128));

    private final List<Long> seeds;
    private final int validation;
    private final int test;
    private final Healing healing;

    /**
     * @param validation articles
     * @param test articles
     */
    PruneSize(List<Long> seeds, int validation, int test, Healing healing) {
        this.seeds = seeds;
        this.validation = validation;
        this.test = test;
        this.healing = healing;
    }

    /**
     * How long a pruned model is trained.
     *
     * @param maxExamples windows of a client in a round
     */
    record Healing(int rounds, int maxExamples) {}

    List<Long> seeds() {
        return seeds;
    }

    int validation() {
        return validation;
    }

    int test() {
        return test;
    }

    Healing healing() {
        return healing;
    }

    /** As the report calls it. */
    String inReport() {
        return name().toLowerCase(Locale.ROOT);
    }
}
