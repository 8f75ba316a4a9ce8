package dev.espalier.orchestrator.job;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.model.ModelStructure;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** Jobs as rows. */
@Component
class JobStore {

    private static final List<JobState> FINAL =
            Arrays.stream(JobState.values()).filter(JobState::isFinal).toList();

    private final JobRepository rows;
    private final JsonMapper json;

    JobStore(JobRepository rows, JsonMapper json) {
        this.rows = rows;
        this.json = json;
    }

    /** A job that was submitted under a key, and the digest of what was asked for. */
    record Submitted(Job job, Digest request) {}

    @Transactional(propagation = Propagation.MANDATORY)
    public void insert(Job job, @Nullable String idempotencyKey, Digest request) {
        JobEntity row = new JobEntity();
        row.id = job.id().value();
        row.specification = json.writeValueAsString(job.specification());
        row.base = job.base().toString();
        row.structure = json.writeValueAsString(job.structure());
        row.idempotencyKey = idempotencyKey;
        row.requestDigest = request.hex();
        row.createdAt = job.createdAt();
        write(job.status(), row);
        rows.saveAndFlush(row);
    }

    /** Reads a job and holds its row until the transaction ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<Job> lock(JobId id) {
        return rows.lock(id.value()).map(this::read);
    }

    /** Stores where a locked job stands now. Whatever it waited for is forgotten. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void move(JobId id, JobStatus next) {
        JobEntity row = rows.findById(id.value()).orElseThrow();
        row.waitingFor = null;
        write(next, row);
        rows.saveAndFlush(row);
    }

    /** False if the job has ended and waits for nothing any more. */
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean waitsFor(JobId id, @Nullable String reason) {
        return rows.waitsFor(id.value(), reason, FINAL) == 1;
    }

    public Optional<Job> find(JobId id) {
        return rows.findById(id.value()).map(this::read);
    }

    public Optional<Submitted> underKey(String idempotencyKey) {
        return rows.findByIdempotencyKey(idempotencyKey)
                .map(row -> new Submitted(read(row), new Digest(row.requestDigest)));
    }

    public List<Job> newest(int limit) {
        return rows.newest(Limit.of(limit)).stream().map(this::read).toList();
    }

    /** All jobs that have not ended. */
    public List<JobId> open() {
        return rows.findIdsNotIn(FINAL).stream().map(JobId::new).toList();
    }

    public Map<JobState, Long> count() {
        Map<JobState, Long> count = new EnumMap<>(JobState.class);
        for (Object[] row : rows.countByState()) {
            count.put((JobState) row[0], (Long) row[1]);
        }
        return count;
    }

    private static void write(JobStatus status, JobEntity row) {
        VersionRef first = status.firstAdapter();
        row.state = status.state();
        row.firstAdapter = first == null ? null : first.toString();
        row.merged = status instanceof JobStatus.Completed c ? c.merged().toString() : null;
        row.reason = status.reason();
        row.endedAt = status.ended();
    }

    private Job read(JobEntity row) {
        return new Job(
                new JobId(row.id),
                json.readValue(row.specification, JobSpecification.class),
                VersionRef.parse(row.base),
                json.readValue(row.structure, ModelStructure.class),
                status(row),
                row.waitingFor,
                row.createdAt);
    }

    private static JobStatus status(JobEntity row) {
        VersionRef first = row.firstAdapter == null ? null : VersionRef.parse(row.firstAdapter);
        return switch (row.state) {
            case PREPARING -> new JobStatus.Preparing();
            case RUNNING -> new JobStatus.Running(first);
            case PAUSED -> new JobStatus.Paused(first);
            case FINISHING -> new JobStatus.Finishing(first);
            case COMPLETED ->
                    new JobStatus.Completed(
                            first,
                            VersionRef.parse(Objects.requireNonNull(row.merged)),
                            ended(row));
            case FAILED -> new JobStatus.Failed(first, reason(row), ended(row));
            case CANCELLED -> new JobStatus.Cancelled(first, reason(row), ended(row));
        };
    }

    private static Instant ended(JobEntity row) {
        return Objects.requireNonNull(row.endedAt);
    }

    private static String reason(JobEntity row) {
        return Objects.requireNonNull(row.reason);
    }
}
