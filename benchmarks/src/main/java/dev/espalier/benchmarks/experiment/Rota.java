package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Runs jobs in turns of one round, so that whatever slows the machine down for a while slows all of
 * them down alike: resume a job, wait until its round has begun, pause it, wait until that round
 * has ended, next job. All that it remembers lies in the platform, so it can be killed at any line
 * and started again.
 */
public final class Rota {

    private static final Duration LOOK_EVERY = Duration.ofMillis(400);

    private final Platform platform;
    private final Watcher watcher;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final Map<String, JobId> known = new HashMap<>();

    public Rota(Platform platform, Watcher watcher, InstantSource clock, Sleeper sleeper) {
        this.platform = platform;
        this.watcher = watcher;
        this.clock = clock;
        this.sleeper = sleeper;
    }

    /** Hears how it goes. */
    public interface Watcher {

        /** A round of this turn has ended, just now or before this program was started. */
        void ended(Turn turn, RoundView round);

        /** How long the last round took, from its turn to the next. */
        void took(Turn turn, Duration time);

        /** How the one job stands that is running. */
        void stands(Turn turn, JobView job, List<RoundView> rounds);
    }

    /**
     * Runs them all to their end.
     *
     * @throws IOException if a job fails, or a round publishes nothing, saying why
     */
    public List<Run> run(List<Turn> turns) throws IOException, InterruptedException {
        settle(turns);
        int most = turns.stream().mapToInt(Turn::rounds).max().orElse(0);
        for (int round = 1; round <= most; round++) {
            for (Turn turn : turns) {
                if (round <= turn.rounds()) {
                    takeTurn(turn, round);
                }
            }
        }
        List<Run> runs = new ArrayList<>();
        for (Turn turn : turns) {
            runs.add(result(turn));
        }
        return runs;
    }

    /** Brings to rest what an interrupted program left running. */
    private void settle(List<Turn> turns) throws IOException, InterruptedException {
        Map<String, Integer> wanted = new HashMap<>();
        turns.forEach(turn -> wanted.put(turn.job().name(), turn.rounds()));
        for (JobView job : platform.jobs()) {
            if (job.state().isFinal()) {
                continue;
            }
            Integer rounds = wanted.get(job.specification().name());
            if (rounds == null) {
                platform.cancel(job.id());
            } else if (mayBegin(job) && job.round() < rounds) {
                platform.pause(job.id());
            }
        }
    }

    private static boolean mayBegin(JobView job) {
        return job.state() == JobState.PREPARING || job.state() == JobState.RUNNING;
    }

    private void takeTurn(Turn turn, int round) throws IOException, InterruptedException {
        int rounds = turn.rounds();
        Instant start = clock.instant();
        JobView job = standing(turn);
        List<RoundView> before = ended(job.id());
        if (isDone(job, before, round, rounds)) {
            RoundView over = before.get(round - 1);
            requirePublished(turn, job.id(), over);
            watcher.ended(turn, over);
            return;
        }
        if (job.state() == JobState.PAUSED) {
            platform.resume(job.id());
        }
        await(turn, job.id(), view -> view.round() >= round);
        if (round < rounds) {
            platform.pause(job.id());
            awaitEnd(turn, job.id(), round);
        } else {
            await(turn, job.id(), view -> view.state() == JobState.COMPLETED);
        }
        RoundView over = ended(job.id()).get(round - 1);
        requirePublished(turn, job.id(), over);
        watcher.ended(turn, over);
        watcher.took(turn, Duration.between(start, clock.instant()));
    }

    /** An arm that missed a round cannot be compared; it is given up, to be tried afresh. */
    private void requirePublished(Turn turn, JobId job, RoundView over)
            throws IOException, InterruptedException {
        if (over.state() != RoundState.COMPLETED) {
            if (!platform.job(job).state().isFinal()) {
                platform.cancel(job);
            }
            throw new IOException(
                    "round %d of %s published nothing: %s. Started again, the experiment tries this arm afresh"
                            .formatted(over.number(), turn, over.reason()));
        }
    }

    private static boolean isDone(JobView job, List<RoundView> ended, int round, int rounds) {
        return round < rounds
                ? ended.size() >= round
                : job.state() == JobState.COMPLETED && ended.size() >= round;
    }

    /**
     * Submits it, or finds it again. A job that failed in an earlier life is given another, and so
     * is one that ended without one of its rounds.
     */
    private JobView standing(Turn turn) throws IOException, InterruptedException {
        JobId id = known.get(turn.key());
        if (id != null) {
            return platform.job(id);
        }
        JobView job = platform.submit(turn.job(), turn.key());
        for (int again = 1; isLost(job) || isCompletedWithGaps(job); again++) {
            job = platform.submit(turn.job(), turn.key() + "-" + again);
        }
        known.put(turn.key(), job.id());
        return job;
    }

    private static boolean isLost(JobView job) {
        return job.state() == JobState.FAILED || job.state() == JobState.CANCELLED;
    }

    private boolean isCompletedWithGaps(JobView job) throws IOException, InterruptedException {
        return job.state() == JobState.COMPLETED
                && platform.rounds(job.id()).stream()
                        .anyMatch(round -> round.state() != RoundState.COMPLETED);
    }

    private List<RoundView> ended(JobId job) throws IOException, InterruptedException {
        return platform.rounds(job).stream().filter(round -> round.endedAt() != null).toList();
    }

    private JobView await(Turn turn, JobId id, Predicate<JobView> condition)
            throws IOException, InterruptedException {
        while (true) {
            JobView job = platform.job(id);
            if (isLost(job)) {
                throw new IOException("%s %s: %s".formatted(turn, job.state(), job.reason()));
            }
            if (condition.test(job)) {
                return job;
            }
            watcher.stands(turn, job, platform.rounds(id));
            sleeper.sleep(LOOK_EVERY);
        }
    }

    private void awaitEnd(Turn turn, JobId id, int round) throws IOException, InterruptedException {
        while (ended(id).size() < round) {
            await(turn, id, job -> true); // a job that is lost ends no round any more
            watcher.stands(turn, platform.job(id), platform.rounds(id));
            sleeper.sleep(LOOK_EVERY);
        }
    }

    private Run result(Turn turn) throws IOException, InterruptedException {
        JobView job = standing(turn);
        return new Run(
                turn.arm(),
                turn.seed(),
                job,
                platform.rounds(job.id()),
                platform.headMap(job).orElse(null),
                platform.componentMap(job).orElse(null));
    }
}
