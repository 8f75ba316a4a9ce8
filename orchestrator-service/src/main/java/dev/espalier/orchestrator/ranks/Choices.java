package dev.espalier.orchestrator.ranks;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Which components of one module a client trains, by each way of choosing; always ascending. */
final class Choices {

    private Choices() {}

    /** All indices, most important first, ties to the lowest (algorithms.md B.4 step 2). */
    static List<Integer> ranked(List<Double> importance) {
        return IntStream.range(0, importance.size())
                .boxed()
                .sorted(Comparator.comparing(importance::get, Comparator.reverseOrder()))
                .toList(); // stable: the lower index first
    }

    /**
     * The most important.
     *
     * @param wanted held to 1 and the number of components
     */
    static List<Integer> top(List<Double> importance, int wanted) {
        return ranked(importance).stream()
                .limit(Math.clamp(wanted, 1, importance.size()))
                .sorted()
                .toList();
    }

    /** The first, whatever they are worth (HetLoRA). */
    static List<Integer> prefix(int wanted) {
        return IntStream.range(0, wanted).boxed().toList();
    }

    /**
     * So many in a row, modulo the rank, from {@code (place + turn) * wanted} on: over turns every
     * component comes round (algorithms.md B.8 #9).
     *
     * @param place of the client in the cohort, from 0
     * @param turn from 0
     */
    static List<Integer> window(int place, int turn, int wanted, int rank) {
        int from = (int) Math.floorMod((long) (place + turn) * wanted, (long) rank);
        return IntStream.range(from, from + wanted)
                .map(index -> index % rank)
                .sorted()
                .boxed()
                .toList();
    }
}
