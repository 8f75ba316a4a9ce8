package dev.espalier.orchestrator.fleet;

import dev.espalier.protocol.AgentName;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The fleet at one moment.
 *
 * @param agents in ascending order of name
 * @param aliveWindow how long after its last call an agent counts as alive
 * @param returnBy until when those are waited for who were alive before a restart
 * @param listeningSince when this process began to take calls
 * @param quietSince the last call of any agent before that; absent where there was none
 */
public record FleetSnapshot(
        List<Agent> agents,
        Instant now,
        Duration aliveWindow,
        Instant returnBy,
        Instant listeningSince,
        Optional<Instant> quietSince) {

    public FleetSnapshot {
        agents = agents.stream().sorted(Comparator.comparing(Agent::name)).toList();
    }

    public boolean isAlive(Agent agent) {
        return isAlive(agent.lastSeen(), now, aliveWindow);
    }

    static boolean isAlive(Instant lastSeen, Instant now, Duration window) {
        return !lastSeen.plus(window).isBefore(now);
    }

    public Optional<Agent> agent(AgentName name) {
        return agents.stream().filter(agent -> agent.name().equals(name)).findFirst();
    }

    /**
     * Agents that were alive when the last process ended and have not called this one yet. Without
     * them a round drawn right after a restart would have another cohort than without the restart.
     */
    public List<Agent> stillToReturn() {
        if (quietSince.isEmpty() || !now.isBefore(returnBy)) {
            return List.of();
        }
        Instant aliveFrom = quietSince.get().minus(aliveWindow);
        return agents.stream()
                .filter(agent -> agent.lastSeen().isBefore(listeningSince))
                .filter(agent -> !agent.lastSeen().isBefore(aliveFrom))
                .toList();
    }
}
