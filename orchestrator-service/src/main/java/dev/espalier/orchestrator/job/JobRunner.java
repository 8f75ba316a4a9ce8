package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.neighbour.Aggregation;
import dev.espalier.orchestrator.neighbour.NeighbourRefused;
import dev.espalier.orchestrator.neighbour.NeighbourUnavailable;
import dev.espalier.orchestrator.neighbour.Registry;
import dev.espalier.orchestrator.round.Footing;
import dev.espalier.orchestrator.round.Round;
import dev.espalier.orchestrator.round.RoundOrder;
import dev.espalier.orchestrator.round.RoundRunner;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.orchestrator.round.Turn;
import dev.espalier.orchestrator.selection.Selection;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
    private final Aggregation aggregation;
    private final Registry registry;
    private final JobProperties properties;

    JobRunner(
            JobBooks books,
            Rounds rounds,
            RoundRunner roundRunner,
            Aggregation aggregation,
            Registry registry,
            JobProperties properties) {
        this.books = books;
        this.rounds = rounds;
        this.roundRunner = roundRunner;
        this.aggregation = aggregation;
        this.registry = registry;
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
            case JobStatus.Preparing preparing -> prepare(job);
            case JobStatus.Running running -> run(job, running);
            case JobStatus.Paused paused -> finishRoundUnderWay(job);
            case JobStatus.Finishing finishing -> finish(job, finishing);
            case JobStatus.Completed c -> new Turn.Waits(null);
            case JobStatus.Failed f -> new Turn.Waits(null);
            case JobStatus.Cancelled c -> new Turn.Waits(null);
        };
    }

    private Turn prepare(Job job) {
        RoundOrder first = job.order(1);
        VersionManifest adapter =
                aggregation.initialAdapter(
                        new InitialAdapter(
                                job.id(),
                                first.seed(),
                                first.publishAs(),
                                first.base(),
                                first.work().adapter(),
                                first.task()));
        books.move(
                job.id(),
                JobStatus.Preparing.class,
                now -> new JobStatus.Running(adapter.ref()),
                EventType.JOB_PREPARED,
                "the first adapter is %s".formatted(adapter.ref()),
                Map.of("version", adapter.ref().toString()));
        return new Turn.Moved();
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
                ? endRounds(job, history)
                : begin(job, running, history);
    }

    private Turn begin(Job job, JobStatus.Running running, Rounds.History history) {
        RoundOrder order = job.order(history.number() + 1);
        Footing from =
                history.published().orElseGet(() -> new Footing(running.first(), job.base()));
        Selection selection = roundRunner.select(order);
        if (selection instanceof Selection.Nobody nobody) {
            return new Turn.Waits(nobody.reason());
        }
        books.whileRunning(job.id(), () -> roundRunner.begin(order, from, selection));
        return new Turn.Moved();
    }

    private Turn finishRoundUnderWay(Job job) {
        Optional<Round> underWay = rounds.history(job.id(), 1).underWay();
        return underWay.map(round -> stepRound(job, round)).orElseGet(() -> new Turn.Waits(null));
    }

    private Turn stepRound(Job job, Round round) {
        return roundRunner.step(round, job.order(round.number()));
    }

    private Turn endRounds(Job job, Rounds.History history) {
        if (history.published().isEmpty()) {
            books.fail(
                    job.id(),
                    "none of its rounds published anything; the last one because %s"
                            .formatted(history.lastReason().orElse("?")));
            return new Turn.Moved();
        }
        books.move(
                job.id(),
                JobStatus.Running.class,
                running -> new JobStatus.Finishing(running.first()),
                EventType.JOB_FINISHING,
                "all rounds are done; the merged model is being published",
                Map.of("version", history.published().get().adapter().toString()));
        return new Turn.Moved();
    }

    private Turn finish(Job job, JobStatus.Finishing finishing) {
        VersionRef last =
                rounds.history(job.id(), 1)
                        .published()
                        .map(Footing::adapter)
                        .orElse(finishing.first());
        VersionRef merged =
                aggregation
                        .mergedModel(
                                new MergeAdapter(job.id(), last, Job.mergedName(job.publishAs())))
                        .ref();
        AliasName alias = job.specification().alias();
        if (alias != null && !moveAlias(last, alias)) {
            return new Turn.Moved(); // somebody else moved it meanwhile: look again
        }
        books.move(
                job.id(),
                JobStatus.Finishing.class,
                now -> new JobStatus.Completed(now.first(), merged, books.now()),
                EventType.JOB_COMPLETED,
                "the job is complete: %s, merged %s".formatted(last, merged),
                Map.of("version", last.toString(), "merged", merged.toString()));
        return new Turn.Moved();
    }

    private boolean moveAlias(VersionRef version, AliasName alias) {
        OptionalInt now = registry.alias(version.model(), alias);
        if (now.isPresent() && now.getAsInt() == version.number()) {
            return true;
        }
        Integer expected = now.isPresent() ? now.getAsInt() : null;
        return registry.moveAlias(
                version.model(), alias, new MoveAlias(version.number(), expected));
    }
}
