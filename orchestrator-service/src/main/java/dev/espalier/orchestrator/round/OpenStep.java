package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.assignment.UploadTokens;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.neighbour.Aggregation;
import dev.espalier.orchestrator.neighbour.NeighbourRefused;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Opens the session of a drawn round, and only then tells the cohort. */
@Component
class OpenStep {

    /** A drawn round that waited longer than this gets its whole time anew. */
    private static final Duration STALE = Duration.ofSeconds(30);

    private final RoundBooks books;
    private final Aggregation aggregation;
    private final UploadTokens tokens;

    OpenStep(RoundBooks books, Aggregation aggregation, UploadTokens tokens) {
        this.books = books;
        this.aggregation = aggregation;
        this.tokens = tokens;
    }

    Turn run(Round round, RoundOrder order) {
        Instant now = books.now();
        Instant fullTime = now.plus(order.work().deadline());
        if (round.deadline().plus(STALE).isBefore(fullTime)) {
            books.atomically(() -> {
                books.rounds().save(round.postponed(fullTime));
                books.assignments().postpone(round.id(), fullTime);
            });
            return new Turn.Moved();
        }
        try {
            offer(round, aggregation.open(session(round, order)));
        } catch (NeighbourRefused refused) {
            if (!refused.is(ProblemType.CONTRADICTS_EARLIER_REQUEST)) {
                throw refused;
            }
            giveUp(round);
        }
        return new Turn.Moved();
    }

    private void offer(Round round, RoundSessionView view) {
        books.atomically(() -> {
            books.rounds().save(round.opened(view));
            books.assignments().offer(round.id());
        });
    }

    /** It was opened before, with less time, and the answer was lost. */
    private void giveUp(Round round) {
        aggregation.cancel(round.id());
        String reason = "its session was opened long before the answer arrived";
        Round nothing = round.voided(reason, books.now());
        books.atomically(() -> {
            books.end(nothing, Set.of(), "the round was given up");
            books.tell(
                    nothing,
                    EventType.ROUND_VOID,
                    "round %d published nothing: %s".formatted(round.number(), reason),
                    Map.of("reason", reason));
        });
    }

    private static @Nullable HeadAllowance allowance(Round round, Piece piece) {
        PlannedHeads heads = round.plan().heads();
        return heads == null ? null : heads.allowance(piece.agent());
    }

    private RoundSession session(Round round, RoundOrder order) {
        List<RoundSession.Invitation> cohort =
                books.assignments().of(round.id()).stream()
                        .filter(piece -> piece.kind().makesUpdate())
                        .map(piece ->
                                new RoundSession.Invitation(
                                        piece.agent(),
                                        tokens.hashOf(piece.id()),
                                        round.plan().work().scope(piece.agent()),
                                        allowance(round, piece),
                                        round.plan().work().upload(piece.agent())))
                        .toList();
        return new RoundSession(
                round.id(),
                order.job(),
                round.number(),
                order.publishAs(),
                round.plan().base(),
                round.plan().parent(),
                order.craft().session(),
                order.roundSeed(),
                cohort,
                round.deadline());
    }
}
