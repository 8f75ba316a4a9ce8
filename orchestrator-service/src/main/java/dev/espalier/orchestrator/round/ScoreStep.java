package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.fleet.Fleet;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.orchestrator.selection.Losses;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.work.Outcome;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Waits until the candidates have told their losses, or until time is up, and draws the cohort.
 * After a crash the same losses give the same cohort.
 */
@Component
class ScoreStep {

    private final RoundBooks books;
    private final LossBook losses;
    private final Cohorts cohorts;
    private final Fleet fleet;

    ScoreStep(RoundBooks books, LossBook losses, Cohorts cohorts, Fleet fleet) {
        this.books = books;
        this.losses = losses;
        this.cohorts = cohorts;
        this.fleet = fleet;
    }

    Turn run(Round round, RoundStatus.Scoring status, RoundOrder order) {
        List<Piece> asked =
                books.assignments().of(round.id()).stream()
                        .filter(piece -> piece.kind() == Piece.Kind.SCORE)
                        .toList();
        List<Piece> outstanding = asked.stream().filter(Piece::isOutstanding).toList();
        FleetSnapshot now = fleet.snapshot();
        Instant scoreBy = scoreBy(round.plan().startedAt(), status.scoreBy(), now);
        if (!outstanding.isEmpty() && books.now().isBefore(scoreBy)) {
            return new Turn.Waits(silence(outstanding, scoreBy, now));
        }
        decide(round, order, asked);
        return new Turn.Moved();
    }

    /**
     * Who was asked before a restart may answer for as long as agents have to return after it: they
     * may have found nobody to tell until their time was up.
     */
    static Instant scoreBy(Instant askedAt, Instant planned, FleetSnapshot now) {
        boolean askedBeforeRestart = askedAt.isBefore(now.listeningSince());
        return askedBeforeRestart && planned.isBefore(now.returnBy()) ? now.returnBy() : planned;
    }

    private void decide(Round round, RoundOrder order, List<Piece> asked) {
        SelectionView open = Objects.requireNonNull(round.plan().selection());
        Map<AgentName, Losses> told = told(asked, round.number());
        Map<AgentName, Losses> known = new HashMap<>(losses.of(round.job()));
        known.putAll(told);
        known.keySet().removeAll(gone(asked));
        SelectionView decided = Draw.decide(Draw.told(open, known));
        books.atomically(() -> {
            losses.keep(round.job(), told);
            if (Draw.cohort(decided).isEmpty()) {
                giveUp(round, decided, asked.size());
            } else {
                begin(round, order, decided);
            }
        });
    }

    private static Map<AgentName, Losses> told(List<Piece> asked, int round) {
        Map<AgentName, Losses> told = new HashMap<>();
        for (Piece piece : asked) {
            if (piece.outcome() instanceof Outcome.Scored scored) {
                told.put(piece.agent(), new Losses(scored.loss(), scored.ownLoss(), round));
            }
        }
        return told;
    }

    /** Removed from the fleet since they were asked: they could not train. */
    private Set<AgentName> gone(List<Piece> asked) {
        FleetSnapshot now = fleet.snapshot();
        return asked.stream()
                .map(Piece::agent)
                .filter(agent -> now.agent(agent).isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    private void begin(Round round, RoundOrder order, SelectionView decided) {
        Instant deadline = books.now().plus(order.work().deadline());
        Round drawn = round.chosen(cohorts.planned(round.plan(), order, decided), deadline);
        Round stored = books.rounds().save(drawn);
        books.assignments().close(round.id(), Set.of(), "the cohort was chosen without it");
        cohorts.assign(stored, order);
    }

    private void giveUp(Round round, SelectionView decided, int asked) {
        String reason =
                "none of the %d agents asked told a loss, and no score of theirs is known"
                        .formatted(asked);
        RoundPlan plan = round.plan().with(0, decided, round.plan().work());
        Round nothing = round.chosen(plan, round.deadline()).voided(reason, books.now());
        books.end(nothing, Set.of(), "the round was given up");
        books.tell(
                nothing,
                EventType.ROUND_VOID,
                "round %d published nothing: %s".formatted(round.number(), reason),
                Map.of("reason", reason));
    }

    /** Why nothing moves: nobody of those who are asked is alive. */
    private static @Nullable String silence(
            List<Piece> outstanding, Instant scoreBy, FleetSnapshot now) {
        boolean someoneIsAlive =
                outstanding.stream()
                        .flatMap(piece -> now.agent(piece.agent()).stream())
                        .anyMatch(now::isAlive);
        String names =
                outstanding.stream()
                        .limit(10)
                        .map(piece -> piece.agent().value())
                        .collect(Collectors.joining(", "));
        return someoneIsAlive
                ? null
                : "losses are missing of %s, none of whom is alive; the cohort is drawn by %s"
                        .formatted(names, scoreBy);
    }
}
