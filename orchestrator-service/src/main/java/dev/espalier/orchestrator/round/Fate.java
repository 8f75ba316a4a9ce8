package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.RoundView.ClientOutcome;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.work.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What became of one member of the cohort, put together from what its agent said and what the
 * aggregation service holds.
 *
 * @param update absent where the aggregation service has not been asked yet
 */
record Fate(
        Piece piece, @Nullable UpdateView update, ClientOutcome outcome, @Nullable String reason) {

    /**
     * @param current whether {@code session} was read after the pieces: only then a missing update
     *     contradicts an agent that says it handed one in
     */
    static List<Fate> of(List<Piece> pieces, @Nullable RoundSessionView session, boolean current) {
        Map<AgentName, UpdateView> updates =
                session == null
                        ? Map.of()
                        : session.updates().stream()
                                .collect(Collectors.toMap(UpdateView::agent, Function.identity()));
        return pieces.stream()
                .filter(piece -> piece.kind().makesUpdate())
                .map(piece -> of(piece, updates.get(piece.agent()), current))
                .toList();
    }

    private static Fate of(Piece piece, @Nullable UpdateView update, boolean current) {
        return judged(piece, update)
                .orElseGet(() -> {
                    ClientOutcome outcome = byWord(piece, current);
                    return new Fate(piece, update, outcome, reason(piece, outcome));
                });
    }

    private static Optional<Fate> judged(Piece piece, @Nullable UpdateView update) {
        if (update == null || update.state() == UpdateState.MISSING) {
            return Optional.empty();
        }
        return Optional.of(
                update.state() == UpdateState.ACCEPTED
                        ? new Fate(piece, update, ClientOutcome.ACCEPTED, null)
                        : new Fate(piece, update, ClientOutcome.REJECTED, update.reason()));
    }

    private static ClientOutcome byWord(Piece piece, boolean current) {
        return switch (piece.state()) {
            case PLANNED, OFFERED -> ClientOutcome.INVITED;
            case FETCHED, COUNTED -> ClientOutcome.WORKING;
            case OVER -> ClientOutcome.MISSED;
            case DONE ->
                    piece.outcome() instanceof Outcome.Failed || current
                            ? ClientOutcome.FAILED
                            : ClientOutcome.WORKING;
        };
    }

    private static @Nullable String reason(Piece piece, ClientOutcome outcome) {
        return switch (outcome) {
            case MISSED -> piece.reason();
            case FAILED ->
                    piece.outcome() instanceof Outcome.Failed failed
                            ? failed.reason()
                            : "said that it had handed in, but no update of it arrived";
            case INVITED, WORKING, ACCEPTED, REJECTED -> null;
        };
    }

    AgentName agent() {
        return piece.agent();
    }

    boolean isAccepted() {
        return outcome == ClientOutcome.ACCEPTED;
    }

    /** Its update may still come. */
    boolean isOutstanding() {
        return outcome == ClientOutcome.INVITED || outcome == ClientOutcome.WORKING;
    }
}
