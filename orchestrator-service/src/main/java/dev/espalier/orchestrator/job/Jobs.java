package dev.espalier.orchestrator.job;

import static dev.espalier.orchestrator.event.EventType.JOB_CANCELLED;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.event.JobEvents;
import dev.espalier.orchestrator.round.Footing;
import dev.espalier.orchestrator.round.RoundRunner;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.orchestrator.signal.JobAlarm;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.model.ModelStructure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Jobs as their users see them. */
@Component
public class Jobs {

    private static final int ATTEMPTS = 5;

    private final JobBooks books;
    private final JobEvents events;
    private final SpecificationCheck check;
    private final Rounds rounds;
    private final RoundRunner roundRunner;
    private final JobAlarm alarm;
    private final JsonMapper json;
    private final Supplier<UUID> ids;

    Jobs(
            JobBooks books,
            JobEvents events,
            SpecificationCheck check,
            Rounds rounds,
            RoundRunner roundRunner,
            JobAlarm alarm,
            JsonMapper json,
            Supplier<UUID> ids) {
        this.books = books;
        this.events = events;
        this.check = check;
        this.rounds = rounds;
        this.roundRunner = roundRunner;
        this.alarm = alarm;
        this.json = json;
        this.ids = ids;
    }

    Submission submit(JobSpecification specification, @Nullable String key) {
        Digest request = Digest.of(json.writeValueAsBytes(specification));
        Optional<Submission> known = known(key, request);
        if (known.isPresent()) {
            return known.get();
        }
        return switch (check.check(specification)) {
            case SpecificationCheck.Checked.Refused refused ->
                    new Submission.Refused(refused.violations());
            case SpecificationCheck.Checked.Sound sound -> store(sound, key, request);
        };
    }

    private Submission store(
            SpecificationCheck.Checked.Sound sound, @Nullable String key, Digest request) {
        Job job =
                new Job(
                        new JobId(ids.get()),
                        sound.complete(),
                        sound.base().ref(),
                        sound.structure(),
                        new JobStatus.Preparing(),
                        null,
                        books.now());
        try {
            insert(job, key, request);
        } catch (DataIntegrityViolationException bothAtOnce) {
            return known(key, request).orElseThrow(() -> bothAtOnce);
        }
        alarm.wake(job.id());
        return new Submission.Accepted(view(job));
    }

    private void insert(Job job, @Nullable String key, Digest request) {
        books.atomically(() -> {
            books.jobs().insert(job, key, request);
            events.open(job.id());
            books.tell(
                    job.id(),
                    EventType.JOB_SUBMITTED,
                    "job '%s' was submitted".formatted(job.specification().name()),
                    Map.of(
                            "name", job.specification().name(),
                            "base", job.base().toString(),
                            "rounds", job.rounds()));
            for (String warning : AggregationRules.warnings(job.specification().phases())) {
                books.tell(job.id(), EventType.JOB_WARNING, warning, Map.of("warning", warning));
            }
            return job;
        });
    }

    private Optional<Submission> known(@Nullable String key, Digest request) {
        if (key == null) {
            return Optional.empty();
        }
        return books.jobs()
                .underKey(key)
                .map(earlier ->
                        earlier.request().equals(request)
                                ? new Submission.Known(view(earlier.job()))
                                : new Submission.Contradicts(view(earlier.job())));
    }

    List<JobView> newest(int limit) {
        return books.jobs().newest(limit).stream().map(this::view).toList();
    }

    Optional<JobView> view(JobId id) {
        return books.jobs().find(id).map(this::view);
    }

    /** Of the job's base. */
    Optional<ModelStructure> structure(JobId id) {
        return books.jobs().find(id).map(Job::structure);
    }

    /** That the job's adapter targets, in ascending order of name. */
    Optional<List<ComponentMap.Module>> modules(JobId id) {
        return books.jobs().find(id).map(Job::modules);
    }

    boolean exists(JobId id) {
        return books.jobs().find(id).isPresent();
    }

    /** No new round begins until the job is resumed. */
    Change pause(JobId id) {
        return change(id, EventType.JOB_PAUSED, "the job was paused", JobStatus::paused);
    }

    Change resume(JobId id) {
        return change(id, EventType.JOB_RESUMED, "the job was resumed", JobStatus::resumed);
    }

    /** Ends the job and the round under way. What was published stays. */
    Change cancel(JobId id) {
        return change(
                id,
                JOB_CANCELLED,
                "the job was cancelled",
                status -> status.cancelled("cancelled by an operator", books.now()));
    }

    /** How many jobs are in each state. */
    public Map<JobState, Long> count() {
        return books.jobs().count();
    }

    private Change change(
            JobId id, EventType type, String message, UnaryOperator<JobStatus> change) {
        for (int attempt = 1; ; attempt++) {
            try {
                Change changed = books.atomically(() -> changeOnce(id, type, message, change));
                alarm.wake(id);
                return changed;
            } catch (OptimisticLockingFailureException roundMovedMeanwhile) {
                if (attempt == ATTEMPTS) {
                    throw roundMovedMeanwhile;
                }
            }
        }
    }

    private Change changeOnce(
            JobId id, EventType type, String message, UnaryOperator<JobStatus> change) {
        Optional<Job> known = books.jobs().lock(id);
        if (known.isEmpty()) {
            return new Change.Unknown();
        }
        JobStatus now = known.get().status();
        JobStatus next = change.apply(now);
        if (now.isFinal() && !(now.state() == JobState.CANCELLED && type == JOB_CANCELLED)) {
            return new Change.Ended(view(known.get()));
        }
        if (!next.equals(now)) {
            books.jobs().move(id, next);
            if (next.isFinal()) {
                roundRunner.cancel(id, message);
            }
            books.tell(id, type, message, Map.of());
        }
        return new Change.Done(view(books.jobs().find(id).orElseThrow()));
    }

    private JobView view(Job job) {
        Rounds.History history = rounds.history(job.id(), 1);
        VersionRef latest = history.published().map(Footing::newest).orElse(null);
        JobStatus status = job.status();
        return new JobView(
                job.id(),
                status.state(),
                job.specification(),
                job.base(),
                history.number(),
                job.rounds(),
                job.waitingFor(),
                status.reason(),
                latest == null ? status.firstAdapter() : latest,
                status instanceof JobStatus.Completed completed ? completed.merged() : null,
                job.createdAt(),
                status.ended());
    }
}
