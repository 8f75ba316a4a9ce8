package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.JobView;
import java.util.List;

/** What became of a submitted specification. All of these happen on a good day. */
sealed interface Submission {

    record Accepted(JobView job) implements Submission {}

    /** The same was submitted under the same key before. */
    record Known(JobView job) implements Submission {}

    /** Something else was submitted under the same key before. */
    record Contradicts(JobView job) implements Submission {}

    record Refused(List<Violation> violations) implements Submission {}
}
