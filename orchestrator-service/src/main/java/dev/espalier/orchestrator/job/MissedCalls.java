package dev.espalier.orchestrator.job;

import dev.espalier.protocol.JobId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Jobs that were to be woken while they were taking a step: they take another one right after. */
@Component
class MissedCalls {

    private final Set<JobId> missed = ConcurrentHashMap.newKeySet();

    void note(JobId job) {
        missed.add(job);
    }

    /** Whether there was one, which is forgotten by that. */
    boolean take(JobId job) {
        return missed.remove(job);
    }
}
