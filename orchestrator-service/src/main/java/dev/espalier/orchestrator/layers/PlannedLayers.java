package dev.espalier.orchestrator.layers;

import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.protocol.AgentName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which layers each member of a cohort prunes.
 *
 * @param clients in ascending order of agent
 */
public record PlannedLayers(List<Client> clients) {

    /**
     * @param layers ascending; never empty
     */
    public record Client(AgentName agent, List<Integer> layers) {

        public Client {
            layers = List.copyOf(layers);
        }
    }

    public PlannedLayers {
        clients = List.copyOf(clients);
    }

    /**
     * The same draw and cohort give the same plan.
     *
     * @param cohort at least one
     * @param ensureCoverage whether layers that nobody drew are given to somebody
     */
    public static PlannedLayers plan(
            LayerDraw draw, List<LayerShare> cohort, boolean ensureCoverage) {
        SortedMap<AgentName, SortedSet<Integer>> drawn = new TreeMap<>();
        Map<AgentName, Integer> room = new TreeMap<>();
        for (LayerShare share : cohort) {
            long client = HashKeys.id(share.agent().value());
            drawn.put(share.agent(), new TreeSet<>(draw.of(client, share.ratio())));
            room.put(share.agent(), draw.count(share.ratio()));
        }
        SortedMap<AgentName, SortedSet<Integer>> planned =
                ensureCoverage ? Coverage.repaired(drawn, room, draw.layers()) : drawn;
        return new PlannedLayers(
                planned.entrySet().stream()
                        .map(one -> new Client(one.getKey(), List.copyOf(one.getValue())))
                        .toList());
    }

    /** For people and logs. */
    public Map<String, List<Integer>> byAgent() {
        Map<String, List<Integer>> layers = new LinkedHashMap<>();
        clients.forEach(client -> layers.put(client.agent().value(), client.layers()));
        return layers;
    }

    /**
     * @throws IllegalArgumentException if the agent is not of the cohort
     */
    public List<Integer> of(AgentName agent) {
        return clients.stream()
                .filter(client -> client.agent().equals(agent))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(agent + " is not of this round's cohort"))
                .layers();
    }
}
