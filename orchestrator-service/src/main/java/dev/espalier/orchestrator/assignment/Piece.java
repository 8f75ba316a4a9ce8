package dev.espalier.orchestrator.assignment;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work as its round sees it.
 *
 * @param reason why it is OVER
 * @param progress the last that was reported
 * @param outcome what its agent said, once DONE
 */
public record Piece(
        AssignmentId id,
        AgentName agent,
        Kind kind,
        PieceState state,
        @Nullable String reason,
        @Nullable Progress progress,
        @Nullable Outcome outcome) {

    /** What is to be done. */
    public enum Kind {
        TRAIN,
        EVALUATE,
        /** Evaluate the last version on data that no other is shown. */
        EVALUATE_FINALLY,
        /** Measure a loss, before a cohort is chosen. */
        SCORE
    }

    /** Its agent may still say how it ended. */
    public boolean isOutstanding() {
        return state != PieceState.DONE && state != PieceState.OVER;
    }
}
