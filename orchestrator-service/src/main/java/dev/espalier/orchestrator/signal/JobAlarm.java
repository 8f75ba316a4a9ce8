package dev.espalier.orchestrator.signal;

import dev.espalier.protocol.JobId;

/**
 * Has a job take its next step soon. A lost call only costs time: every job is looked at anyway.
 */
@FunctionalInterface
public interface JobAlarm {

    void wake(JobId job);
}
