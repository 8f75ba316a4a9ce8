package dev.espalier.orchestrator.assignment;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work as its round sees it.
 *
 * @param subject the version that an evaluation is of; absent for other work
 * @param reason why it is OVER
 * @param progress the last that was reported
 * @param outcome what its agent said, once DONE
 */
public record Piece(
        AssignmentId id,
        AgentName agent,
        Kind kind,
        @Nullable VersionRef subject,
        PieceState state,
        @Nullable String reason,
        @Nullable Progress progress,
        @Nullable Outcome outcome) {

    /** What is to be done. */
    public enum Kind {
        TRAIN,
        /** Prune layers of the base. */
        PRUNE,
        EVALUATE,
        /** Evaluate on data that clients hold out, each of them told of by itself. */
        EVALUATE_AT_CLIENTS,
        /** Evaluate the last version on data that no other is shown. */
        EVALUATE_FINALLY,
        /** Measure a loss, before a cohort is chosen. */
        SCORE;

        /** Whether an update comes of it. */
        public boolean makesUpdate() {
            return this == TRAIN || this == PRUNE;
        }

        boolean isEvaluation() {
            return this == EVALUATE || this == EVALUATE_AT_CLIENTS || this == EVALUATE_FINALLY;
        }
    }

    /** Its agent may still say how it ended. */
    public boolean isOutstanding() {
        return state != PieceState.DONE && state != PieceState.OVER;
    }
}
