package dev.espalier.orchestrator.selection;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/** A seeded uniform draw without replacement (algorithms.md D.4). */
final class UniformDraw {

    private UniformDraw() {}

    /** {@code max(1, floor(fraction * of))}, in decimal. */
    static int size(double fraction, int of) {
        int floor =
                BigDecimal.valueOf(fraction)
                        .multiply(BigDecimal.valueOf(of))
                        .setScale(0, RoundingMode.FLOOR)
                        .intValueExact();
        return Math.max(1, floor);
    }

    /**
     * The {@code wanted} with the smallest keys, ties to the smallest, in ascending order.
     *
     * @param id the number that stands for a candidate in its key
     */
    static <T extends Comparable<T>> List<T> draw(
            Collection<T> candidates, int wanted, long seed, int round, ToLongFunction<T> id) {
        return candidates.stream()
                .sorted(
                        Comparator.<T, Long>comparing(
                                        candidate ->
                                                HashKeys.key(
                                                        seed, round, id.applyAsLong(candidate)),
                                        Long::compareUnsigned)
                                .thenComparing(Comparator.naturalOrder()))
                .limit(wanted)
                .sorted()
                .toList();
    }
}
