package dev.espalier.benchmarks.ranks;

import dev.espalier.benchmarks.experiment.Arm;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How large the experiment is. Chosen for two cores: quick within 30 minutes, the usual one within
 * 75, full within a night.
 */
public enum RankSize {
    QUICK(64, List.of(1L), 16, 64),
    DEFAULT(64, List.of(1L), 20, 96),
    FULL(64, List.of(1L, 2L, 3L), 30, 96);

    private final int length;
    private final List<Long> seeds;
    private final int rounds;
    private final @Nullable Integer maxExamples;

    /**
     * @param length of a text in tokens
     * @param maxExamples of a client in a round; absent: all it has
     */
    RankSize(int length, List<Long> seeds, int rounds, @Nullable Integer maxExamples) {
        this.length = length;
        this.seeds = seeds;
        this.rounds = rounds;
        this.maxExamples = maxExamples;
    }

    int length() {
        return length;
    }

    List<Long> seeds() {
        return seeds;
    }

    int rounds() {
        return rounds;
    }

    @Nullable Integer maxExamples() {
        return maxExamples;
    }

    List<Arm> arms(RankArms arms) {
        return switch (this) {
            case QUICK -> arms.compared();
            case DEFAULT -> arms.usual();
            case FULL -> arms.all();
        };
    }

    /** As the report calls it. */
    String inReport() {
        return name().toLowerCase(Locale.ROOT);
    }
}
