package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.assignment.Planned;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.selection.Selection;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.SelectionView.Candidate;
import dev.espalier.protocol.work.Assignment;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Stores a new round: with its cohort, or with the candidates that measure a loss first. */
@Component
class DrawStep {

    private final RoundBooks books;
    private final Cohorts cohorts;
    private final Supplier<UUID> ids;

    DrawStep(RoundBooks books, Cohorts cohorts, Supplier<UUID> ids) {
        this.books = books;
        this.cohorts = cohorts;
        this.ids = ids;
    }

    /** Stores the round and its assignments. Nobody is told yet. Within a transaction. */
    void begin(RoundOrder order, Footing from, Selection.Drawn drawn) {
        RoundPlan open = plan(order, from, drawn.view(), drawn.eligible());
        RoundPlan plan = cohorts.planned(open, order, drawn.view());
        Instant deadline = books.now().plus(order.work().deadline());
        cohorts.assign(books.rounds().save(Round.drawn(plan, deadline)), order);
    }

    /** Stores the round and asks its candidates. Within a transaction. */
    void ask(RoundOrder order, Footing from, Selection.Asks asks) {
        Instant scoreBy = books.now().plus(asks.scoring().deadline());
        RoundPlan open = plan(order, from, asks.view(), asks.eligible());
        Round round = books.rounds().save(Round.scoring(open, scoreBy));
        List<AgentName> asked =
                asks.view().candidates().stream()
                        .filter(Candidate::asked)
                        .map(Candidate::agent)
                        .toList();
        books.assignments()
                .plan(asked.stream().map(agent -> question(order, round, asks, agent)).toList());
        books.assignments().offer(round.id());
        List<String> names = asked.stream().map(AgentName::value).toList();
        books.tell(
                round,
                EventType.CANDIDATES_ASKED,
                "round %d asks %d agent%s for a loss"
                        .formatted(round.number(), names.size(), names.size() == 1 ? "" : "s"),
                Map.of("candidates", names, "wanted", asks.view().wanted()));
    }

    private RoundPlan plan(
            RoundOrder order, Footing from, SelectionView selection, List<Agent> eligible) {
        return new RoundPlan(
                new RoundId(ids.get()),
                order.job(),
                order.number(),
                order.phase(),
                from.base(),
                from.newest(),
                0,
                order.craft().denseBytes(),
                List.of(),
                selection,
                order.craft().shared(eligible),
                books.now());
    }

    private Planned question(RoundOrder order, Round round, Selection.Asks asks, AgentName agent) {
        return new Planned(
                agent,
                Piece.Kind.SCORE,
                new Assignment.Score(
                        new AssignmentId(ids.get()),
                        order.job(),
                        round.id(),
                        order.number(),
                        order.data(),
                        order.task(),
                        round.plan().base(),
                        round.plan().adapter(),
                        order.craft().adapter(),
                        asks.scoring().samples(),
                        asks.alsoOwn(),
                        order.scoringSeed(agent),
                        round.deadline()));
    }
}
