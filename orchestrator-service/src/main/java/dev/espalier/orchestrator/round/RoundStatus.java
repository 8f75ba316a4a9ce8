package dev.espalier.orchestrator.round;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a round stands, and what is known only there.
 *
 * <pre>
 * Scoring --losses told, or their time is up--> Drawn
 *    |
 *    +--nobody can be ranked--> Void
 *
 * Drawn --session opened--> Gathering --full house, or quorum by the deadline--> Combining
 *                              |                                                |      |
 *                              +--too few--> Void <----nothing that counts------+      |
 *                                                                                      |
 *          Completed <--evaluated, or given up--- Evaluating <---version published-----+
 *              ^                                                                       |
 *              +--------------version published, no evaluation wanted------------------+
 *
 * Scoring, Drawn, Gathering, Combining, Evaluating --job cancelled or failed--> Cancelled
 * </pre>
 */
sealed interface RoundStatus {

    /** How a user sees it. */
    RoundState state();

    /**
     * Candidates measure losses, from which the cohort is drawn.
     *
     * @param scoreBy afterwards it is drawn from what losses there are
     */
    record Scoring(Instant scoreBy) implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.SCORING;
        }
    }

    /** Stored with its assignments; nobody has been told. */
    record Drawn() implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.GATHERING;
        }
    }

    /** The aggregation service takes updates. */
    record Gathering() implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.GATHERING;
        }
    }

    /** No update is taken any more. */
    record Combining() implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.COMBINING;
        }
    }

    /**
     * @param evaluateBy afterwards the round completes with what evaluations there are
     */
    record Evaluating(VersionRef published, Instant evaluateBy) implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.EVALUATING;
        }
    }

    /**
     * @param reason why there is no evaluation although one was wanted
     */
    record Completed(
            VersionRef published, Results results, @Nullable String reason, Instant endedAt)
            implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.COMPLETED;
        }
    }

    record Void(String reason, Instant endedAt) implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.VOID;
        }
    }

    /**
     * @param published the version, where there was one already
     * @param sessionClosed whether the aggregation service has been told
     */
    record Cancelled(@Nullable VersionRef published, Instant endedAt, boolean sessionClosed)
            implements RoundStatus {
        @Override
        public RoundState state() {
            return RoundState.CANCELLED;
        }
    }

    /** The round became this version; absent where it has not, or never will. */
    default @Nullable VersionRef becomes() {
        return switch (this) {
            case Scoring s -> null;
            case Drawn d -> null;
            case Gathering g -> null;
            case Combining c -> null;
            case Evaluating e -> e.published();
            case Completed c -> c.published();
            case Void v -> null;
            case Cancelled c -> c.published();
        };
    }

    default @Nullable Instant ended() {
        return switch (this) {
            case Scoring s -> null;
            case Drawn d -> null;
            case Gathering g -> null;
            case Combining c -> null;
            case Evaluating e -> null;
            case Completed c -> c.endedAt();
            case Void v -> v.endedAt();
            case Cancelled c -> c.endedAt();
        };
    }
}
