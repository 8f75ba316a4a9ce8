package dev.espalier.orchestrator.selection;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.RoundView.LeftOut;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Who is alive and has what is needed, and who is not and why; both in ascending order of name.
 *
 * @param leftOut everyone else, with the reason
 */
public record Eligible(List<Agent> agents, List<LeftOut> leftOut) {

    /** How many agents a reason names; the rest is counted. */
    private static final int NAMED = 10;

    public static Eligible of(FleetSnapshot fleet, Needs needs) {
        return among(fleet.agents(), agent -> objection(fleet, needs, agent));
    }

    private static Eligible among(List<Agent> agents, Function<Agent, Optional<String>> objection) {
        List<Agent> able = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        for (Agent agent : agents) {
            objection
                    .apply(agent)
                    .ifPresentOrElse(
                            reason -> leftOut.add(new LeftOut(agent.name(), reason)),
                            () -> able.add(agent));
        }
        return new Eligible(able, leftOut);
    }

    private static Optional<String> objection(FleetSnapshot fleet, Needs needs, Agent agent) {
        Optional<String> unable = needs.objection(agent);
        if (unable.isPresent() || fleet.isAlive(agent)) {
            return unable;
        }
        return Optional.of("is not alive, last heard of at " + agent.lastSeen());
    }

    /** Without those to whom there is another objection. */
    Eligible without(Function<Agent, Optional<String>> objection) {
        Eligible fewer = among(agents, objection);
        List<LeftOut> all = new ArrayList<>(leftOut);
        all.addAll(fewer.leftOut());
        all.sort(Comparator.comparing(LeftOut::agent));
        return new Eligible(fewer.agents(), all);
    }

    public List<AgentName> names() {
        return agents.stream().map(Agent::name).toList();
    }

    public boolean isNobody() {
        return agents.isEmpty();
    }

    /** Why nobody is eligible, for people. */
    public String whyNobody() {
        if (leftOut.isEmpty()) {
            return "no agent is enrolled";
        }
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
