package dev.espalier.orchestrator.job;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a job stands, and what is known only there.
 *
 * <pre>
 * Preparing --first adapter published--> Running --all rounds done--> Finishing --> Completed
 *     |  ^                               |  ^                             |
 *     v  |                               v  |                             |
 *    Paused (without a first adapter)   Paused                            |
 *     |                                  |                                |
 *     +----------------------------------+--------------------------------+--> Failed, Cancelled
 * </pre>
 *
 * A job that prunes its base first runs without an adapter until it begins to fine-tune: there is
 * nothing to prepare before.
 */
sealed interface JobStatus {

    /** How a user sees it. */
    JobState state();

    record Preparing() implements JobStatus {
        @Override
        public JobState state() {
            return JobState.PREPARING;
        }
    }

    /**
     * @param first the adapter from which the first round that fine-tunes starts; absent while
     *     rounds prune the base
     */
    record Running(@Nullable VersionRef first) implements JobStatus {
        @Override
        public JobState state() {
            return JobState.RUNNING;
        }
    }

    /**
     * @param first absent where it was paused while there was none
     */
    record Paused(@Nullable VersionRef first) implements JobStatus {
        @Override
        public JobState state() {
            return JobState.PAUSED;
        }
    }

    /**
     * All rounds are done.
     *
     * @param first absent where none fine-tuned
     */
    record Finishing(@Nullable VersionRef first) implements JobStatus {
        @Override
        public JobState state() {
            return JobState.FINISHING;
        }
    }

    /**
     * @param first absent where no round fine-tuned
     * @param merged a whole model, ready to use
     */
    record Completed(@Nullable VersionRef first, VersionRef merged, Instant endedAt)
            implements JobStatus {
        @Override
        public JobState state() {
            return JobState.COMPLETED;
        }
    }

    record Failed(@Nullable VersionRef first, String reason, Instant endedAt) implements JobStatus {
        @Override
        public JobState state() {
            return JobState.FAILED;
        }
    }

    record Cancelled(@Nullable VersionRef first, String reason, Instant endedAt)
            implements JobStatus {
        @Override
        public JobState state() {
            return JobState.CANCELLED;
        }
    }

    default boolean isFinal() {
        return state().isFinal();
    }

    /** No new round begins. Once the rounds are done, there is nothing left to hold back. */
    default JobStatus paused() {
        return switch (this) {
            case Preparing p -> new Paused(null);
            case Running running -> new Paused(running.first());
            case Paused p -> this;
            case Finishing f -> this;
            case Completed c -> this;
            case Failed f -> this;
            case Cancelled c -> this;
        };
    }

    default JobStatus resumed() {
        return this instanceof Paused paused
                ? paused.first() == null ? new Preparing() : new Running(paused.first())
                : this;
    }

    default JobStatus failed(String reason, Instant now) {
        return isFinal() ? this : new Failed(firstAdapter(), reason, now);
    }

    default JobStatus cancelled(String reason, Instant now) {
        return isFinal() ? this : new Cancelled(firstAdapter(), reason, now);
    }

    /** The job's first adapter, once there is one. */
    default @Nullable VersionRef firstAdapter() {
        return switch (this) {
            case Preparing p -> null;
            case Running r -> r.first();
            case Paused p -> p.first();
            case Finishing f -> f.first();
            case Completed c -> c.first();
            case Failed f -> f.first();
            case Cancelled c -> c.first();
        };
    }

    /** Why it failed, or who cancelled it. */
    default @Nullable String reason() {
        return switch (this) {
            case Failed failed -> failed.reason();
            case Cancelled cancelled -> cancelled.reason();
            case Preparing p -> null;
            case Running r -> null;
            case Paused p -> null;
            case Finishing f -> null;
            case Completed c -> null;
        };
    }

    default @Nullable Instant ended() {
        return switch (this) {
            case Completed completed -> completed.endedAt();
            case Failed failed -> failed.endedAt();
            case Cancelled cancelled -> cancelled.endedAt();
            case Preparing p -> null;
            case Running r -> null;
            case Paused p -> null;
            case Finishing f -> null;
        };
    }
}
