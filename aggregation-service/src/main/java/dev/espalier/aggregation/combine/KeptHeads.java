package dev.espalier.aggregation.combine;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The attention heads that a client kept, and how confident it found each of them.
 *
 * @param confidence by block, by kept head, as the client said it; a block without heads is there
 *     too, and empty
 */
public record KeptHeads(SortedMap<String, SortedMap<Integer, Double>> confidence) {

    /**
     * What no float can hold counts as 0 (ours): D.6 counts four bytes for a confidence, and no
     * honest one comes near, since the largest of n attention weights is at least 1/n.
     */
    private static final double SMALLEST = Float.MIN_NORMAL;

    public KeptHeads {
        SortedMap<String, SortedMap<Integer, Double>> copy = new TreeMap<>();
        confidence.forEach((block, heads) ->
                copy.put(block, Collections.unmodifiableSortedMap(new TreeMap<>(heads))));
        confidence = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * @param heads by block: the kept heads
     * @param confidence by block: one number for each of them, in the same order
     */
    public static KeptHeads of(
            Map<String, List<Integer>> heads, Map<String, List<Double>> confidence) {
        SortedMap<String, SortedMap<Integer, Double>> kept = new TreeMap<>();
        heads.forEach((block, list) -> {
            SortedMap<Integer, Double> ofBlock = new TreeMap<>();
            for (int i = 0; i < list.size(); i++) {
                ofBlock.put(list.get(i), confidence.getOrDefault(block, List.of()).get(i));
            }
            kept.put(block, ofBlock);
        });
        return new KeptHeads(kept);
    }

    /** How many heads of the whole model were kept. */
    public int count() {
        return confidence.values().stream().mapToInt(SortedMap::size).sum();
    }

    /**
     * Confidence in one head, held to [0, 1] so that nobody buys influence (algorithms.md D.7);
     * empty where it was not kept.
     */
    OptionalDouble of(String block, int head) {
        Double said = confidence.getOrDefault(block, Collections.emptySortedMap()).get(head);
        return said == null ? OptionalDouble.empty() : OptionalDouble.of(clamped(said));
    }

    /** Mean confidence in those of these heads that were kept; empty where none was. */
    OptionalDouble mean(String block, Collection<Integer> heads) {
        return heads.stream().flatMapToDouble(head -> of(block, head).stream()).average();
    }

    private static double clamped(double said) {
        return said < SMALLEST ? 0 : Math.min(said, 1);
    }
}
