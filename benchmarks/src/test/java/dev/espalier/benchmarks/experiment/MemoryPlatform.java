package dev.espalier.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A platform that does its work while its caller sleeps: with every sleep each running job does one
 * thing. A round that is under way ends even where its job is paused, as on the real one.
 */
final class MemoryPlatform implements Platform {

    private final Map<String, Job> byKey = new LinkedHashMap<>();

    /** What happened, in order. */
    final List<String> diary = new ArrayList<>();

    /** Rounds of jobs with this name publish nothing. */
    String nothingComesOf = "";

    /** But for earlier ones. */
    int nothingComesFrom = 1;

    /** Dies when the diary has so many lines. */
    int diesAt = Integer.MAX_VALUE;

    private static final class Job {

        final JobId id;
        final JobSpecification specification;
        JobState state = JobState.PREPARING;
        int begun;
        int ended;
        final Set<Integer> voids = new HashSet<>();

        Job(JobId id, JobSpecification specification) {
            this.id = id;
            this.specification = specification;
        }

        int rounds() {
            return specification.phases().stream().mapToInt(PhaseSpec::rounds).sum();
        }

        JobView view() {
            return new JobView(
                    id,
                    state,
                    specification,
                    VersionRef.parse("base@1"),
                    begun,
                    rounds(),
                    null,
                    state == JobState.FAILED ? "it was told to" : null,
                    null,
                    null,
                    Instant.EPOCH,
                    null);
        }
    }

    void sleep(Duration duration) {
        for (Job job : byKey.values()) {
            work(job);
        }
        if (diary.size() >= diesAt) {
            throw new Killed();
        }
    }

    /** The program that ran the experiment is gone; the platform is not. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private void work(Job job) {
        boolean underWay = job.begun > job.ended;
        if (underWay) {
            job.ended++;
            if (job.specification.name().equals(nothingComesOf) && job.ended >= nothingComesFrom) {
                job.voids.add(job.ended);
            }
            diary.add(job.specification.name() + " ends " + job.ended);
            return;
        }
        switch (job.state) {
            case PREPARING -> job.state = JobState.RUNNING;
            case RUNNING -> next(job);
            case FINISHING -> job.state = JobState.COMPLETED;
            case PAUSED, COMPLETED, FAILED, CANCELLED -> {}
        }
    }

    private void next(Job job) {
        if (job.begun == job.rounds()) {
            job.state = JobState.FINISHING;
            return;
        }
        assertThat(byKey.values()).noneMatch(other -> other.begun > other.ended);
        job.begun++;
        diary.add(job.specification.name() + " begins " + job.begun);
    }

    void fail(String name) {
        byKey.values().stream()
                .filter(job -> job.specification.name().equals(name))
                .forEach(job -> job.state = JobState.FAILED);
    }

    @Override
    public JobView submit(JobSpecification job, String key) {
        return byKey.computeIfAbsent(
                        key, unseen -> new Job(new JobId(new UUID(1, byKey.size())), job))
                .view();
    }

    private Job find(JobId id) {
        return byKey.values().stream().filter(job -> job.id.equals(id)).findFirst().orElseThrow();
    }

    @Override
    public JobView job(JobId job) {
        return find(job).view();
    }

    @Override
    public List<JobView> jobs() {
        return byKey.values().stream().map(Job::view).toList();
    }

    @Override
    public List<RoundView> rounds(JobId id) {
        Job job = find(id);
        List<RoundView> rounds = new ArrayList<>();
        for (int number = 1; number <= job.begun; number++) {
            rounds.add(
                    job.voids.contains(number)
                            ? Rounds.view(number, RoundState.VOID, null, null, Instant.EPOCH)
                            : number <= job.ended
                                    ? Rounds.ended(number, 0.5, number == job.rounds() ? 0.6 : null)
                                    : Rounds.underWay(number));
        }
        return rounds;
    }

    @Override
    public void pause(JobId id) throws IOException {
        Job job = find(id);
        if (job.state != JobState.PREPARING
                && job.state != JobState.RUNNING
                && job.state != JobState.PAUSED) {
            throw new IOException("a job that is " + job.state + " cannot be paused");
        }
        job.state = JobState.PAUSED;
    }

    @Override
    public void resume(JobId id) {
        find(id).state = JobState.RUNNING;
    }

    @Override
    public void cancel(JobId id) {
        find(id).state = JobState.CANCELLED;
    }

    @Override
    public Optional<ComponentMap> componentMap(JobView job) {
        return Optional.empty();
    }

    @Override
    public Optional<HeadMap> headMap(JobView job) {
        return Optional.empty();
    }
}
