package dev.espalier.agent.poll;

import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.time.Duration;

/**
 * The orchestrator as one agent sees it. Every call may be repeated.
 *
 * <p>All calls throw {@code RefusedException} where the orchestrator refuses for good, and {@code
 * UnavailableException} where it may be asked again.
 */
public interface Orchestrator {

    void enrol(Capabilities capabilities);

    /**
     * Asks for work.
     *
     * @param wait how long the orchestrator may hold the answer back
     */
    Offer poll(Capabilities capabilities, Duration wait);

    /** Says how far the work is; hears whether to go on. */
    Directive progress(AssignmentId assignment, Progress progress);

    void report(AssignmentId assignment, Outcome outcome);

    /** The answer to a poll. */
    sealed interface Offer {

        record Work(Assignment assignment) implements Offer {}

        /**
         * There is nothing to do.
         *
         * @param askAgainAfter as the orchestrator wishes
         */
        record Nothing(Duration askAgainAfter) implements Offer {}
    }
}
