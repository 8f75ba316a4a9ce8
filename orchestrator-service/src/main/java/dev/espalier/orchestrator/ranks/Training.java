package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.ComponentMap.Client;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** How often each client was to train each component, over the rounds of a component map. */
final class Training {

    private final ComponentMap map;
    private final SortedMap<AgentName, Tally> tallies = new TreeMap<>();

    private Training(ComponentMap map) {
        this.map = map;
    }

    /** Of one client, by module and component. */
    private static final class Tally {
        private final int[][] times;
        private final boolean[][] last;
        private int rounds;

        Tally(ComponentMap map) {
            List<ComponentMap.Module> modules = map.modules();
            times = modules.stream().map(m -> new int[m.rank()]).toArray(int[][]::new);
            last = modules.stream().map(m -> new boolean[m.rank()]).toArray(boolean[][]::new);
        }
    }

    static Training of(ComponentMap map) {
        Training training = new Training(map);
        for (ComponentMap.Round round : map.rounds()) {
            boolean isLast = round == map.rounds().getLast();
            round.clients().forEach(client -> training.count(client, isLast));
        }
        return training;
    }

    private void count(Client client, boolean isLast) {
        Tally tally = tallies.computeIfAbsent(client.agent(), agent -> new Tally(map));
        tally.rounds++;
        for (int module = 0; module < map.modules().size(); module++) {
            String name = map.modules().get(module).name();
            for (int component = 0; component < tally.times[module].length; component++) {
                if (isAssigned(client, name, component)) {
                    tally.times[module][component]++;
                    tally.last[module][component] = isLast;
                }
            }
        }
    }

    /** Whether a client was told to train a component. */
    static boolean isAssigned(Client client, String module, int component) {
        return client.components() == null
                || client.components().getOrDefault(module, List.of()).contains(component);
    }

    /** All that were in any cohort, in ascending order of name. */
    List<AgentName> clients() {
        return List.copyOf(tallies.keySet());
    }

    /** In how many cohorts a client was. */
    int rounds(AgentName client) {
        return tally(client).rounds;
    }

    /** In how many of these it was to train a component. */
    int times(AgentName client, int module, int component) {
        return tally(client).times[module][component];
    }

    boolean inLastRound(AgentName client, int module, int component) {
        return tally(client).last[module][component];
    }

    private Tally tally(AgentName client) {
        return Objects.requireNonNull(tallies.get(client));
    }
}
