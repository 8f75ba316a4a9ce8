package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.JobView;

/** What became of a wish to pause, resume or cancel. All of these happen on a good day. */
sealed interface Change {

    /** It is so now, or was so before. */
    record Done(JobView job) implements Change {}

    record Ended(JobView job) implements Change {}

    record Unknown() implements Change {}
}
