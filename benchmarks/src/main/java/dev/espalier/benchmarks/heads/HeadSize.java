package dev.espalier.benchmarks.heads;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How large the experiment is. Chosen for two cores: quick within 30 minutes, the usual one within
 * 75, full within a night.
 */
public enum HeadSize {
    QUICK(64, List.of(1L), new Course(12, 112, 3), null, null),
    DEFAULT(64, List.of(1L), new Course(12, 54, 4), new Course(4, 64, 2), new Course(4, 160, 4)),
    FULL(
            128,
            List.of(1L, 2L, 3L),
            new Course(30, null, 1),
            new Course(20, null, 2),
            new Course(20, null, 2));

    private final int length;
    private final List<Long> seeds;
    private final Course newsgroups;
    private final @Nullable Course pairs;
    private final @Nullable Course texts;

    /**
     * @param length of a text in tokens
     * @param pairs absent: that study is left out, as the next one
     */
    HeadSize(
            int length,
            List<Long> seeds,
            Course newsgroups,
            @Nullable Course pairs,
            @Nullable Course texts) {
        this.length = length;
        this.seeds = seeds;
        this.newsgroups = newsgroups;
        this.pairs = pairs;
        this.texts = texts;
    }

    /**
     * How long a study trains.
     *
     * @param maxExamples of a client in a round; absent: all it has
     * @param everyRounds how often it is evaluated on validation data
     */
    record Course(int rounds, @Nullable Integer maxExamples, int everyRounds) {

        /** How many rounds at the end have a lower learning rate: a third. */
        int lastRounds() {
            return rounds / 3;
        }
    }

    int length() {
        return length;
    }

    List<Long> seeds() {
        return seeds;
    }

    Course newsgroups() {
        return newsgroups;
    }

    @Nullable Course pairs() {
        return pairs;
    }

    @Nullable Course texts() {
        return texts;
    }

    /** As the report calls it. */
    String inReport() {
        return name().toLowerCase(Locale.ROOT);
    }
}
