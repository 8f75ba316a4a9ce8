package dev.espalier.orchestrator.event;

import dev.espalier.orchestrator.signal.AfterCommit;
import dev.espalier.orchestrator.signal.Bell;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobEvent;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The journal. Writing happens within the transaction that makes the event true; whoever streams is
 * woken when that is committed.
 */
@Component
public class JobEvents {

    private static final TypeReference<Map<String, Object>> DATA = new TypeReference<>() {};

    private final EventRepository events;
    private final EventCounterRepository counters;
    private final JsonMapper json;
    private final InstantSource clock;
    private final Bell<JobId> bell;

    JobEvents(
            EventRepository events,
            EventCounterRepository counters,
            JsonMapper json,
            InstantSource clock,
            Bell<JobId> bell) {
        this.events = events;
        this.counters = counters;
        this.json = json;
        this.clock = clock;
        this.bell = bell;
    }

    /** Opens the journal of a new job. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void open(JobId job) {
        counters.saveAndFlush(new EventCounter(job.value()));
    }

    /**
     * Writes one event. Call it last in a transaction: it locks the job's journal until the commit.
     *
     * @param data names and numbers; what is null is left out
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void append(JobId job, EventType type, String message, Map<String, ?> data) {
        EventCounter counter =
                counters.lock(job.value())
                        .orElseThrow(() -> new IllegalStateException("no journal of job " + job));
        EventEntity.Key key = new EventEntity.Key(job.value(), counter.next());
        events.save(
                new EventEntity(
                        key,
                        clock.instant(),
                        type.wireName(),
                        message,
                        json.writeValueAsString(data)));
        AfterCommit.run(() -> bell.ring(job));
    }

    /** Deletes progress that nobody will ask for any more. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void forgetProgress(JobId job) {
        events.deleteByType(job.value(), EventType.CLIENT_PROGRESS.wireName());
    }

    /** At most {@code limit} events after {@code sequence}, in ascending order. */
    @Transactional(readOnly = true)
    public List<JobEvent> after(JobId job, long sequence, int limit) {
        return events
                .findByJobAndSequenceGreaterThanOrderBySequence(
                        job.value(), sequence, Limit.of(limit))
                .stream()
                .map(this::view)
                .toList();
    }

    /** Whether there is such a job: each has at least the event of its submission. */
    @Transactional(readOnly = true)
    public boolean knows(JobId job) {
        return events.existsByJob(job.value());
    }

    private JobEvent view(EventEntity event) {
        return new JobEvent(
                event.sequence,
                event.at,
                event.type,
                event.message,
                json.readValue(event.data, DATA));
    }
}
