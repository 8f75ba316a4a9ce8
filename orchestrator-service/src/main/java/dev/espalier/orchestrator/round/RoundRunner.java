package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.fleet.Fleet;
import dev.espalier.orchestrator.neighbour.Aggregation;
import dev.espalier.orchestrator.neighbour.NeighbourRefused;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.orchestrator.selection.Selection;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Carries a round on, one step at a time. Each step calls a neighbour, then stores what came of it;
 * after a crash anywhere in between the same step is simply taken again.
 */
@Component
public class RoundRunner {

    private static final Logger log = LoggerFactory.getLogger(RoundRunner.class);

    private final RoundBooks books;
    private final DrawStep draw;
    private final ScoreStep score;
    private final OpenStep open;
    private final GatherStep gather;
    private final CombineStep combine;
    private final EvaluateStep evaluate;
    private final Aggregation aggregation;
    private final Fleet fleet;

    RoundRunner(
            RoundBooks books,
            DrawStep draw,
            ScoreStep score,
            OpenStep open,
            GatherStep gather,
            CombineStep combine,
            EvaluateStep evaluate,
            Aggregation aggregation,
            Fleet fleet) {
        this.books = books;
        this.draw = draw;
        this.score = score;
        this.open = open;
        this.gather = gather;
        this.combine = combine;
        this.evaluate = evaluate;
        this.aggregation = aggregation;
        this.fleet = fleet;
    }

    /** Who would take part right now, or be asked for a loss first. */
    public Selection select(RoundOrder order) {
        AgentName after =
                books.rounds()
                        .find(order.job(), order.number() - 1)
                        .map(Round::plan)
                        .map(RoundPlan::selection)
                        .map(Draw::lastInTurn)
                        .orElse(null);
        return Selection.begin(
                fleet.snapshot(),
                order.workers(),
                order.occasion(after, books.assignments().visits(order.job())),
                order.objection());
    }

    /** Stores a new round with its cohort or its candidates. Within a transaction of the caller. */
    public void begin(RoundOrder order, Footing from, Selection selection) {
        switch (selection) {
            case Selection.Drawn drawn -> draw.begin(order, from, drawn);
            case Selection.Asks asks -> draw.ask(order, from, asks);
            case Selection.Nobody nobody -> throw new IllegalArgumentException(nobody.reason());
        }
    }

    /** Takes the next step of an open round. */
    public Turn step(Round round, RoundOrder order) {
        return switch (round.status()) {
            case RoundStatus.Scoring scoring -> score.run(round, scoring, order);
            case RoundStatus.Drawn drawn -> open.run(round, order);
            case RoundStatus.Gathering gathering -> gather.run(round);
            case RoundStatus.Combining combining -> combine.run(round, order);
            case RoundStatus.Evaluating evaluating -> evaluate.run(round, evaluating, order);
            case RoundStatus.Completed c -> new Turn.Moved();
            case RoundStatus.Void v -> new Turn.Moved();
            case RoundStatus.Cancelled c -> new Turn.Moved();
        };
    }

    /** Ends the round under way, if there is one. Within a transaction of the caller. */
    public void cancel(JobId job, String reason) {
        Optional<Round> underWay = books.rounds().newest(job, 1).stream().findFirst();
        underWay.filter(Round::isOpen)
                .ifPresent(round -> {
                    Round cancelled = round.cancelled(books.now());
                    books.end(cancelled, Set.of(), reason);
                    books.tell(
                            cancelled,
                            EventType.ROUND_CANCELLED,
                            "round %d was cancelled: %s".formatted(round.number(), reason),
                            Map.of("reason", reason));
                });
    }

    /** Has the aggregation service forget the sessions of cancelled rounds. */
    public void closeSessions(JobId job) {
        for (Round round : books.rounds().cancelledWithOpenSession(job)) {
            try {
                aggregation.cancel(round.id());
            } catch (NeighbourRefused nothingToClose) {
                log.debug(
                        "session not closed round={} reason={}",
                        round.id(),
                        nothingToClose.getMessage());
            }
            books.atomically(() -> books.rounds().save(round.sessionClosed()));
        }
    }
}
