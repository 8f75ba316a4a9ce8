package dev.espalier.orchestrator.selection;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.RoundView.LeftOut;
import dev.espalier.protocol.job.SelectionSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** From a snapshot of the fleet to who takes part, or to the reason why nobody can. */
public sealed interface Selection {

    /**
     * @param cohort in ascending order of name; never empty
     * @param leftOut everyone else, with the reason
     */
    record Drawn(List<AgentName> cohort, List<LeftOut> leftOut) implements Selection {}

    /**
     * @param reason for people, for example {@code no agent is enrolled}
     */
    record Nobody(String reason) implements Selection {}

    /** How many agents a reason names; the rest is counted. */
    int NAMED = 10;

    /**
     * Draws a cohort. The same fleet, seed and round give the same cohort.
     *
     * @param round from 1
     */
    static Selection draw(
            FleetSnapshot fleet, Needs needs, SelectionSpec policy, long seed, int round) {
        List<Agent> awaited = fleet.stillToReturn();
        if (!awaited.isEmpty()) {
            return new Nobody(
                    "%s; alive before this server was restarted, awaited until %s"
                            .formatted(names(awaited), fleet.returnBy()));
        }
        Selection able = able(fleet, needs);
        return switch (able) {
            case Nobody nobody -> nobody;
            case Drawn all -> narrowed(all, policy, seed, round);
        };
    }

    /** Everyone who is alive and has what is needed. */
    static Selection able(FleetSnapshot fleet, Needs needs) {
        if (fleet.agents().isEmpty()) {
            return new Nobody("no agent is enrolled");
        }
        List<AgentName> able = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        for (Agent agent : fleet.agents()) {
            objection(fleet, needs, agent)
                    .ifPresentOrElse(
                            reason -> leftOut.add(new LeftOut(agent.name(), reason)),
                            () -> able.add(agent.name()));
        }
        return able.isEmpty() ? new Nobody(reasons(leftOut)) : new Drawn(able, leftOut);
    }

    private static Optional<String> objection(FleetSnapshot fleet, Needs needs, Agent agent) {
        Optional<String> unable = needs.objection(agent);
        if (unable.isPresent() || fleet.isAlive(agent)) {
            return unable;
        }
        return Optional.of("is not alive, last heard of at " + agent.lastSeen());
    }

    private static Selection narrowed(Drawn all, SelectionSpec policy, long seed, int round) {
        return switch (policy) {
            case SelectionSpec.All everyone -> all;
            case SelectionSpec.Uniform uniform -> {
                int wanted = UniformDraw.size(uniform.fraction(), all.cohort().size());
                List<AgentName> cohort =
                        UniformDraw.draw(
                                all.cohort(),
                                wanted,
                                seed,
                                round,
                                name -> HashKeys.id(name.value()));
                yield new Drawn(cohort, withUndrawn(all, Set.copyOf(cohort)));
            }
            default -> throw new IllegalArgumentException("not offered yet: " + policy);
        };
    }

    private static List<LeftOut> withUndrawn(Drawn all, Set<AgentName> cohort) {
        List<LeftOut> leftOut = new ArrayList<>(all.leftOut());
        all.cohort().stream()
                .filter(name -> !cohort.contains(name))
                .map(name -> new LeftOut(name, "was not drawn for this round"))
                .forEach(leftOut::add);
        leftOut.sort(Comparator.comparing(LeftOut::agent));
        return leftOut;
    }

    private static String names(List<Agent> agents) {
        String first =
                agents.stream()
                        .limit(NAMED)
                        .map(agent -> agent.name().value())
                        .collect(Collectors.joining(", "));
        String more = agents.size() > NAMED ? " and %d more".formatted(agents.size() - NAMED) : "";
        return (agents.size() == 1 ? "agent " : "agents ") + first + more;
    }

    private static String reasons(List<LeftOut> leftOut) {
        String first =
                leftOut.stream()
                        .limit(NAMED)
                        .map(out -> "agent %s %s".formatted(out.agent(), out.reason()))
                        .collect(Collectors.joining("; "));
        return leftOut.size() > NAMED
                ? first + "; and %d more".formatted(leftOut.size() - NAMED)
                : first;
    }
}
