package dev.espalier.orchestrator.round;

import org.jspecify.annotations.Nullable;

/** What a step came to. */
public sealed interface Turn {

    /** Something changed; the next step may follow at once. */
    record Moved() implements Turn {}

    /**
     * Nothing to do now.
     *
     * @param reason for people, why nothing moves; absent while somebody is at work
     */
    record Waits(@Nullable String reason) implements Turn {}
}
