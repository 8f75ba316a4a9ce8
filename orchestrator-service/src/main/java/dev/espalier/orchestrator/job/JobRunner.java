package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.neighbour.NeighbourRefused;
import dev.espalier.orchestrator.neighbour.NeighbourUnavailable;
import dev.espalier.orchestrator.round.Footing;
import dev.espalier.orchestrator.round.Round;
import dev.espalier.orchestrator.round.RoundOrder;
import dev.espalier.orchestrator.round.RoundRunner;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.orchestrator.round.Turn;
import dev.espalier.orchestrator.selection.Selection;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.PhaseSpec;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;

/**
 * Carries jobs on, one step at a time. What is stored is the truth: a step reads it, calls a
 * neighbour outside any transaction, and stores what came of it. A step that was cut off anywhere
 * is taken again and changes nothing twice.
 */
@Component
class JobRunner {

    private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

    private static final int STEPS_AT_ONCE = 100;

    private final JobBooks books;
    private final Rounds rounds;
    private final RoundRunner roundRunner;
    private final Bookends bookends;
    private final JobProperties properties;

    JobRunner(
            JobBooks books,
            Rounds rounds,
            RoundRunner roundRunner,
            Bookends bookends,
            JobProperties properties) {
        this.books = books;
        this.rounds = rounds;
        this.roundRunner = roundRunner;
        this.bookends = bookends;
        this.properties = properties;
    }

    /** Takes steps until there is nothing to do right now, but not for ever. */
    Pace run(JobId id) {
        Pace pace = Pace.AT_ONCE;
        for (int step = 0; step < STEPS_AT_ONCE && pace == Pace.AT_ONCE; step++) {
            pace = step(id);
        }
        return pace;
    }

    Pace step(JobId id) {
        Optional<Job> found = books.jobs().find(id);
        return found.map(this::step).orElse(Pace.NEVER);
    }

    private Pace step(Job job) {
        try {
            if (job.status().isFinal()) {
                roundRunner.closeSessions(job.id());
                return Pace.NEVER;
            }
            return paced(job, turn(job));
        } catch (NeighbourUnavailable silent) {
            return paced(job, new Turn.Waits(silent.getMessage()));
        } catch (NeighbourRefused refused) {
            books.fail(job.id(), String.valueOf(refused.getMessage()));
            return Pace.AT_ONCE;
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            log.debug("job={} was changed meanwhile, looking again", job.id());
            return Pace.AT_ONCE;
        }
    }

    private Pace paced(Job job, Turn turn) {
        return switch (turn) {
            case Turn.Moved moved -> {
                books.waitsFor(job, null);
                yield Pace.AT_ONCE;
            }
            case Turn.Waits waits -> {
                books.waitsFor(job, waits.reason());
                yield Pace.LATER;
            }
        };
    }

    private Turn turn(Job job) {
        return switch (job.status()) {
            case JobStatus.Preparing preparing -> bookends.prepare(job);
            case JobStatus.Running running -> run(job, running);
            case JobStatus.Paused paused -> finishRoundUnderWay(job);
            case JobStatus.Finishing finishing -> bookends.finish(job);
            case JobStatus.Completed c -> new Turn.Waits(null);
            case JobStatus.Failed f -> new Turn.Waits(null);
            case JobStatus.Cancelled c -> new Turn.Waits(null);
        };
    }

    private Turn run(Job job, JobStatus.Running running) {
        Rounds.History history = rounds.history(job.id(), properties.voidRounds());
        if (history.underWay().isPresent()) {
            return stepRound(job, history.underWay().get());
        }
        if (history.voidsInRow() >= properties.voidRounds()) {
            books.fail(
                    job.id(),
                    "%d rounds in a row published nothing; the last one because %s"
                            .formatted(history.voidsInRow(), history.lastReason().orElse("?")));
            return new Turn.Moved();
        }
        return history.number() == job.rounds()
                ? bookends.endRounds(job, history)
                : begin(job, running, history);
    }

    private Turn begin(Job job, JobStatus.Running running, Rounds.History history) {
        RoundOrder order = job.order(history.number() + 1);
        Footing from = footing(job, running, history);
        if (order.work() instanceof PhaseSpec.FineTune && from.adapter() == null) {
            return bookends.firstAdapter(job, order, from.base(), history);
        }
        Selection selection = roundRunner.select(order);
        if (selection instanceof Selection.Nobody nobody) {
            return new Turn.Waits(nobody.reason());
        }
        books.whileRunning(job.id(), () -> roundRunner.begin(order, from, selection));
        return new Turn.Moved();
    }

    /** The first adapter is that of the job until a round has become another. */
    private static Footing footing(Job job, JobStatus.Running running, Rounds.History history) {
        Footing left = history.published().orElseGet(() -> new Footing(null, job.base()));
        return left.adapter() == null ? new Footing(running.first(), left.base()) : left;
    }

    private Turn finishRoundUnderWay(Job job) {
        Optional<Round> underWay = rounds.history(job.id(), 1).underWay();
        return underWay.map(round -> stepRound(job, round)).orElseGet(() -> new Turn.Waits(null));
    }

    private Turn stepRound(Job job, Round round) {
        return roundRunner.step(round, job.order(round.number()));
    }
}
