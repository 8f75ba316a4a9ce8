package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.combine.Contents;
import dev.espalier.aggregation.combine.ModuleFactors;
import dev.espalier.protocol.update.AdapterLayout;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rank-1 components that an update holds.
 *
 * @param byModule ascending; a module of which nothing is sent is not there
 */
record HeldComponents(SortedMap<String, List<Integer>> byModule) {

    static HeldComponents of(Contents contents, AdapterLayout layout) {
        SortedMap<String, List<Integer>> held = new TreeMap<>();
        for (ModuleFactors factors : ModuleFactors.of(layout)) {
            List<Integer> components = contents.components(factors, layout);
            if (!components.isEmpty()) {
                held.put(factors.module(), components);
            }
        }
        return new HeldComponents(held);
    }

    /** Over all modules. */
    int count() {
        return byModule.values().stream().mapToInt(List::size).sum();
    }

    /** Refuses numbers that are not one for each of these components. */
    <T> void requireOneEach(String field, Map<String, List<T>> numbers) throws UpdateRefused {
        SortedSet<String> missing = new TreeSet<>(byModule.keySet());
        missing.removeAll(numbers.keySet());
        require(missing.isEmpty(), "%s leaves out %s", field, missing);
        for (Map.Entry<String, List<T>> module : numbers.entrySet()) {
            List<Integer> components = byModule.get(module.getKey());
            if (components == null) {
                throw UpdateRefused.misfit(
                        "%s names %s, of which nothing is sent".formatted(field, module.getKey()));
            }
            require(
                    module.getValue().size() == components.size(),
                    "%s has %d numbers for the %d components of %s",
                    field,
                    module.getValue().size(),
                    components.size(),
                    module.getKey());
        }
    }

    private static void require(boolean holds, String reason, Object... arguments)
            throws UpdateRefused {
        if (!holds) {
            throw UpdateRefused.misfit(reason.formatted(arguments));
        }
    }
}
