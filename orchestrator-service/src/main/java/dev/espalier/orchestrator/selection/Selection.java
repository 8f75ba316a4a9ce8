package dev.espalier.orchestrator.selection;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.protocol.job.SelectionSpec.ScoringSpec;
import dev.espalier.protocol.job.SelectionView;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** From a snapshot of the fleet to who takes part, or to the reason why nobody can. */
public sealed interface Selection {

    /**
     * The cohort is decided.
     *
     * @param view with at least one who is chosen
     * @param eligible of whom it was drawn, as they were then, in ascending order of name
     */
    record Drawn(SelectionView view, List<Agent> eligible) implements Selection {}

    /**
     * Candidates have to measure losses first.
     *
     * @param view with those who are asked; nobody is chosen yet
     * @param alsoOwn whether the losses of their own adapters are wanted too
     * @param eligible of whom the cohort will be, as they are now, in ascending order of name
     */
    record Asks(SelectionView view, ScoringSpec scoring, boolean alsoOwn, List<Agent> eligible)
            implements Selection {}

    /**
     * @param reason for people, for example {@code no agent is enrolled}
     */
    record Nobody(String reason) implements Selection {}

    /** How many agents a reason names; the rest is counted. */
    int NAMED = 10;

    /**
     * The same fleet and occasion give the same selection.
     *
     * @param objection why the job has nothing to give to an agent that meets the needs, in words
     *     that follow its name
     */
    static Selection begin(
            FleetSnapshot fleet,
            Needs needs,
            Occasion occasion,
            Function<Agent, Optional<String>> objection) {
        List<Agent> awaited = fleet.stillToReturn();
        if (!awaited.isEmpty()) {
            return new Nobody(
                    "%s; alive before this server was restarted, awaited until %s"
                            .formatted(names(awaited), fleet.returnBy()));
        }
        Eligible eligible =
                Eligible.of(fleet, needs)
                        .without(agent -> ResourceFilter.objection(occasion.policy(), agent))
                        .without(objection);
        return eligible.isNobody()
                ? new Nobody(eligible.whyNobody())
                : Draw.begin(eligible, needs, occasion);
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
}
