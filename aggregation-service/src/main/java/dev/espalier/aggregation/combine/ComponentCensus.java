package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterLayout;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Counts which clients of a round hold each rank-1 component (algorithms.md D.5). */
public final class ComponentCensus {

    private ComponentCensus() {}

    /**
     * @param updates that count; those without examples count for nothing
     * @return by target module: for each component, how many hold any of it
     */
    public static SortedMap<String, List<Integer>> of(
            AdapterLayout layout, Collection<Brought> updates) {
        SortedMap<String, List<Integer>> census = new TreeMap<>();
        for (ModuleFactors factors : ModuleFactors.of(layout)) {
            int[] counts = new int[factors.rank()];
            updates.stream()
                    .filter(update -> update.examples() > 0)
                    .flatMap(update -> update.contents().components(factors, layout).stream())
                    .forEach(component -> counts[component]++);
            census.put(factors.module(), IntStream.of(counts).boxed().toList());
        }
        return census;
    }
}
