package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.event.JobEvents;
import dev.espalier.orchestrator.round.RoundRunner;
import dev.espalier.protocol.JobId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/** Where the steps of a job are written down: its row and the journal, all or nothing. */
@Component
class JobBooks {

    private static final Logger log = LoggerFactory.getLogger(JobBooks.class);

    private final JobStore jobs;
    private final JobEvents events;
    private final RoundRunner rounds;
    private final TransactionOperations transactions;
    private final InstantSource clock;

    JobBooks(
            JobStore jobs,
            JobEvents events,
            RoundRunner rounds,
            TransactionOperations transactions,
            InstantSource clock) {
        this.jobs = jobs;
        this.events = events;
        this.rounds = rounds;
        this.transactions = transactions;
        this.clock = clock;
    }

    JobStore jobs() {
        return jobs;
    }

    Instant now() {
        return clock.instant();
    }

    <T> T atomically(Supplier<T> writing) {
        return transactions.execute(status -> writing.get());
    }

    /** Moves the job on, unless it has left {@code from} meanwhile. */
    <S extends JobStatus> void move(
            JobId id,
            Class<S> from,
            Function<S, JobStatus> next,
            EventType type,
            String message,
            Map<String, ?> data) {
        transactions.executeWithoutResult(status -> {
            Optional<JobStatus> now = jobs.lock(id).map(Job::status);
            if (now.isPresent() && from.isInstance(now.get())) {
                jobs.move(id, next.apply(from.cast(now.get())));
                tell(id, type, message, data);
            }
        });
    }

    /** Does something in one transaction with the certainty that the job is running. */
    void whileRunning(JobId id, Runnable writing) {
        transactions.executeWithoutResult(status -> {
            Optional<Job> job = jobs.lock(id);
            if (job.isPresent() && job.get().status() instanceof JobStatus.Running) {
                writing.run();
            }
        });
    }

    /** Ends the job and the round under way. */
    void fail(JobId id, String reason) {
        transactions.executeWithoutResult(status -> {
            JobStatus now = jobs.lock(id).orElseThrow().status();
            if (!now.isFinal()) {
                jobs.move(id, now.failed(reason, now()));
                rounds.cancel(id, "the job failed");
                tell(id, EventType.JOB_FAILED, reason, Map.of("reason", reason));
            }
        });
    }

    /** Notes why nothing moves, once for each new reason. */
    void waitsFor(Job job, @Nullable String reason) {
        if (Objects.equals(reason, job.waitingFor())) {
            return;
        }
        transactions.executeWithoutResult(status -> {
            boolean goesOn = jobs.waitsFor(job.id(), reason);
            if (goesOn && reason != null) {
                tell(
                        job.id(),
                        EventType.JOB_WAITING,
                        "nothing moves: " + reason,
                        Map.of("reason", reason));
            }
        });
    }

    /** Within a transaction, and last in it. */
    void tell(JobId id, EventType type, String message, Map<String, ?> data) {
        log.info("{} job={} {}", type.wireName(), id, data);
        events.append(id, type, message, data);
    }
}
