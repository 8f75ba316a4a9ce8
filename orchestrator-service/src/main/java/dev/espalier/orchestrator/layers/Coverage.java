package dev.espalier.orchestrator.layers;

import static java.util.Comparator.comparingInt;

import dev.espalier.protocol.AgentName;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives layers that nobody drew to somebody, since with a single round they would stay dense
 * (algorithms.md C.8 #6, ours). The draw is no longer unbiased then (C.8 #7).
 */
public final class Coverage {

    private Coverage() {}

    /**
     * Every missing layer goes to the client with the most room, ties to the lower name; to one
     * without room, where nobody has any: a layer is work for a while, and never memory for more
     * than one.
     *
     * @param drawn by client; at least one
     * @param room by client: how many layers it can prune
     * @return the drawn layers and the missing ones
     */
    public static SortedMap<AgentName, SortedSet<Integer>> repaired(
            Map<AgentName, ? extends SortedSet<Integer>> drawn,
            Map<AgentName, Integer> room,
            int layers) {
        SortedMap<AgentName, SortedSet<Integer>> repaired = new TreeMap<>();
        drawn.forEach((agent, own) -> repaired.put(agent, new TreeSet<>(own)));
        for (int layer = 0; layer < layers; layer++) {
            int missing = layer;
            if (repaired.values().stream().noneMatch(own -> own.contains(missing))) {
                repaired.entrySet().stream()
                        .min(
                                comparingInt(one ->
                                        one.getValue().size() - room.getOrDefault(one.getKey(), 0)))
                        .orElseThrow()
                        .getValue()
                        .add(missing);
            }
        }
        return repaired;
    }
}
