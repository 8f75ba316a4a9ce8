package dev.espalier.protocol.work;

import org.jspecify.annotations.Nullable;

/**
 * The orchestrator's answer to a heartbeat.
 *
 * @param reason why to stop
 */
public record Directive(Action action, @Nullable String reason) {

    /** What the agent shall do. */
    public enum Action {
        CONTINUE,
        /** Drop this work now: its round is over. */
        STOP
    }
}
