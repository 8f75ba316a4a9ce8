package dev.espalier.orchestrator.selection;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.RoundView.LeftOut;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a selection comes to its cohort. Each step is a function of the recorded selection alone, so
 * that anyone can do it again (algorithms.md D.4).
 */
public final class Draw {

    private Draw() {}

    static Selection begin(Eligible eligible, Needs needs, Occasion occasion) {
        int wanted = CohortSize.wanted(occasion.policy(), eligible.agents().size());
        SelectionView blank =
                new SelectionView(
                        occasion.round(),
                        occasion.policy(),
                        occasion.seed(),
                        occasion.after(),
                        wanted,
                        eligible.agents().stream()
                                .map(agent -> candidate(agent, needs, occasion))
                                .toList(),
                        eligible.leftOut());
        return switch (rootOf(occasion.policy())) {
            case SelectionSpec.PowerOfChoice p ->
                    new Selection.Asks(
                            ask(blank, p.candidates()), p.scoring(), false, eligible.agents());
            case SelectionSpec.LossDifference d ->
                    new Selection.Asks(
                            ask(blank, d.candidates()), d.scoring(), true, eligible.agents());
            default -> new Selection.Drawn(decide(blank), eligible.agents());
        };
    }

    /** The policy that chooses, behind any filter. */
    static SelectionSpec rootOf(SelectionSpec policy) {
        return policy instanceof SelectionSpec.ResourceAware aware ? rootOf(aware.then()) : policy;
    }

    private static Candidate candidate(Agent agent, Needs needs, Occasion occasion) {
        return new Candidate(
                agent.name(),
                needs.rows(agent),
                occasion.visits().getOrDefault(agent.name(), 0),
                null,
                false,
                null,
                null,
                null,
                null,
                false,
                "not chosen yet");
    }

    /**
     * Marks who has to measure a loss: candidates drawn in proportion to their examples, or
     * everyone.
     *
     * @param share of the eligible agents
     */
    static SelectionView ask(SelectionView blank, double share) {
        int all = blank.candidates().size();
        int asked = Math.max(blank.wanted(), CohortSize.of(share, all));
        List<Ranked> order = new WeightedDraw(blank.seed(), blank.round()).rank(blank.candidates());
        Map<AgentName, Ranked> drawn =
                order.stream()
                        .limit(asked)
                        .collect(Collectors.toMap(r -> r.candidate().agent(), Function.identity()));
        Map<AgentName, @Nullable Double> keys = new HashMap<>();
        order.forEach(ranked -> keys.put(ranked.candidate().agent(), ranked.key()));
        return each(
                blank,
                c ->
                        new Candidate(
                                c.agent(),
                                c.examples(),
                                c.visits(),
                                asked < all ? keys.get(c.agent()) : null,
                                drawn.containsKey(c.agent()),
                                null,
                                null,
                                null,
                                null,
                                false,
                                "not chosen yet"));
    }

    /**
     * Adds what is known of the losses of those who were asked.
     *
     * @param losses of this round, or the last known ones of those who did not answer
     */
    public static SelectionView told(SelectionView asked, Map<AgentName, Losses> losses) {
        return each(asked, c -> c.asked() ? told(c, losses.get(c.agent())) : c);
    }

    private static Candidate told(Candidate c, @Nullable Losses known) {
        return new Candidate(
                c.agent(),
                c.examples(),
                c.visits(),
                c.key(),
                c.asked(),
                known == null ? null : known.global(),
                known == null ? null : known.own(),
                known == null ? null : known.round(),
                null,
                false,
                c.reason());
    }

    /** Chooses. Who was chosen before plays no part, so deciding again changes nothing. */
    public static SelectionView decide(SelectionView open) {
        List<Candidate> withData =
                open.candidates().stream().filter(candidate -> candidate.examples() > 0).toList();
        List<Ranked> ranked = Policy.of(open).rank(withData);
        Map<AgentName, Integer> places = new HashMap<>();
        for (int i = 0; i < ranked.size(); i++) {
            places.put(ranked.get(i).candidate().agent(), i);
        }
        return each(
                open,
                candidate -> {
                    Integer place = places.get(candidate.agent());
                    return place == null
                            ? unranked(candidate)
                            : placed(ranked.get(place), place, ranked.size(), open.wanted());
                });
    }

    private static Candidate placed(Ranked ranked, int place, int of, int wanted) {
        boolean chosen = place < wanted;
        String where = "%s, place %d of %d".formatted(ranked.why(), place + 1, of);
        return decided(
                ranked.candidate(),
                ranked.key() == null ? ranked.candidate().key() : ranked.key(),
                ranked.score(),
                chosen,
                chosen ? where : "was not drawn for this round: " + where);
    }

    private static Candidate unranked(Candidate candidate) {
        String why;
        if (candidate.examples() == 0) {
            why = "it has no training rows";
        } else if (!candidate.asked()) {
            why = "it was not among those who are asked for a loss";
        } else {
            why = "it did not tell its loss, and no score of it is known";
        }
        return decided(
                candidate, candidate.key(), null, false, "was not drawn for this round: " + why);
    }

    private static Candidate decided(
            Candidate c,
            @Nullable Double key,
            @Nullable Double score,
            boolean chosen,
            String reason) {
        return new Candidate(
                c.agent(),
                c.examples(),
                c.visits(),
                key,
                c.asked(),
                c.globalLoss(),
                c.ownLoss(),
                c.lossRound(),
                score,
                chosen,
                reason);
    }

    private static SelectionView each(SelectionView view, UnaryOperator<Candidate> change) {
        return new SelectionView(
                view.round(),
                view.policy(),
                view.seed(),
                view.after(),
                view.wanted(),
                view.candidates().stream().map(change).toList(),
                view.leftOut());
    }

    /** Who is chosen, in ascending order of name. */
    public static List<AgentName> cohort(SelectionView decided) {
        return decided.candidates().stream()
                .filter(Candidate::chosen)
                .map(Candidate::agent)
                .toList();
    }

    /** Everyone outside the cohort with the reason, in ascending order of name. */
    public static List<LeftOut> leftOut(SelectionView decided) {
        return Stream.concat(
                        decided.leftOut().stream(),
                        decided.candidates().stream()
                                .filter(candidate -> !candidate.chosen())
                                .map(c -> new LeftOut(c.agent(), c.reason())))
                .sorted(Comparator.comparing(LeftOut::agent))
                .toList();
    }

    /**
     * Where agents take turns: the last of the cohort that had its turn. Null where they do not.
     */
    public static @Nullable AgentName lastInTurn(SelectionView decided) {
        if (!(rootOf(decided.policy()) instanceof SelectionSpec.RoundRobin)) {
            return null;
        }
        return new InTurn(decided.after())
                .rank(decided.candidates()).stream()
                        .map(Ranked::candidate)
                        .filter(Candidate::chosen)
                        .map(Candidate::agent)
                        .reduce((earlier, later) -> later)
                        .orElse(decided.after());
    }
}
