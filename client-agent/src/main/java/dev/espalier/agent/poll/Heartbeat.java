package dev.espalier.agent.poll;

import dev.espalier.protocol.work.Progress;

/** How those who work talk to the orchestrator meanwhile: costs nothing, never waits. */
public interface Heartbeat {

    /** Notes how far the work is; the next beat says it. */
    void note(Progress progress);

    /** Whether the orchestrator has no more use for this work. */
    boolean isStopped();
}
