package dev.espalier.aggregation.session;

import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.update.RoundSessionView;
import java.time.Duration;
import java.time.Instant;

/**
 * One round, always in exactly one of five states.
 *
 * <pre>
 * Open --seal--> Sealed --version published--> Published
 *   |              |----nothing counts-------> Void
 *   +---cancel-----+----cancel---------------> Cancelled
 * </pre>
 */
public sealed interface Session {

    RoundId round();

    /** The word for the state on the wire. */
    RoundSessionView.State state();

    /** Takes updates until its deadline. */
    record Open(RoundId round, Instant deadline) implements Session {

        @Override
        public RoundSessionView.State state() {
            return RoundSessionView.State.OPEN;
        }

        /** Whether an update that is complete now still counts. */
        public boolean takesAt(Instant now) {
            return now.isBefore(deadline);
        }

        Sealed seal(Instant now) {
            return new Sealed(round, 0, now);
        }

        Cancelled cancel() {
            return new Cancelled(round);
        }
    }

    /**
     * Takes no updates any more; a worker combines them. The wait before the next attempt and the
     * lease of a worker are one thing: until {@code dueAt} no other worker takes it up. Should two
     * work on it all the same, both arrive at the same bytes under the same key.
     *
     * @param failures attempts that failed so far
     * @param dueAt when a worker may take it up
     */
    record Sealed(RoundId round, int failures, Instant dueAt) implements Session {

        private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
        private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

        @Override
        public RoundSessionView.State state() {
            return RoundSessionView.State.SEALED;
        }

        /** In the hands of a worker, that must renew this before {@code until}. */
        Sealed leased(Instant until) {
            return new Sealed(round, failures, until);
        }

        /** After a failure that may pass: the pause doubles each time, up to half a minute. */
        Sealed postponed(Instant now) {
            Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
            Instant next = now.plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
            return new Sealed(round, failures + 1, next);
        }

        Published published(Outcome outcome, double aggregationSeconds) {
            return new Published(round, outcome, aggregationSeconds);
        }

        Voided voided(String reason) {
            return new Voided(round, reason);
        }

        Cancelled cancel() {
            return new Cancelled(round);
        }
    }

    /** The version lies in the registry. Final. */
    record Published(RoundId round, Outcome outcome, double aggregationSeconds) implements Session {

        @Override
        public RoundSessionView.State state() {
            return RoundSessionView.State.PUBLISHED;
        }
    }

    /** Nothing was published, and never will be. Final. */
    record Voided(RoundId round, String reason) implements Session {

        @Override
        public RoundSessionView.State state() {
            return RoundSessionView.State.VOID;
        }
    }

    /** Given up by the orchestrator. Final. */
    record Cancelled(RoundId round) implements Session {

        @Override
        public RoundSessionView.State state() {
            return RoundSessionView.State.CANCELLED;
        }
    }
}
