package dev.espalier.agent.work;

import dev.espalier.agent.journal.Page;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.lm.cost.RunBatches;
import dev.espalier.lm.train.StepReport;
import dev.espalier.lm.train.TrainingCheckpoint;
import dev.espalier.lm.train.TrainingResult;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training run that survives crashes: its state goes to the journal every so often, and a run
 * that finds a state there goes on from it and ends in the same bytes.
 */
final class LocalTraining {

    private static final Logger log = LoggerFactory.getLogger(LocalTraining.class);

    private final TrainedPart part;
    private final TrainingSettings settings;
    private final LocalRows rows;
    private final @Nullable ImportanceSpec measure;
    private final Page page;
    private final Duration checkpointEvery;
    private final LongSupplier nanoTime;

    /** Of the steps done, and of those before the last epoch. */
    private double lossSum;

    private double lossSumBefore;

    /** Of all steps; of the steps since this process went on, with their examples. */
    private double seconds;

    private double ownSeconds;
    private int ownSteps;
    private long examplesBefore;

    /** Null: nobody asked. */
    private @Nullable ComponentWatch watch;

    /**
     * @param measure how the importance of components is measured; null: not at all
     */
    LocalTraining(
            TrainedPart part,
            TrainingSettings settings,
            LocalRows rows,
            @Nullable ImportanceSpec measure,
            Page page,
            Duration checkpointEvery,
            LongSupplier nanoTime) {
        this.part = part;
        this.settings = settings;
        this.rows = rows;
        this.measure = measure;
        this.page = page;
        this.checkpointEvery = checkpointEvery;
        this.nanoTime = nanoTime;
    }

    /**
     * @param batches of all steps, those before a crash too
     * @param componentScores by module: of the trained components, ascending; null: not measured
     * @param lastEpochLoss mean over the steps of the last epoch
     * @param seconds spent in steps, those before a crash too
     */
    record Trained(
            TrainingResult result,
            RunBatches batches,
            @Nullable Map<String, List<Double>> componentScores,
            double lastEpochLoss,
            double seconds) {}

    /**
     * Trains to the end.
     *
     * @return empty if the work was stopped
     * @throws InterruptedException the agent is being shut down; the journal holds the last step
     */
    Optional<Trained> run(Heartbeat heartbeat) throws IOException, InterruptedException {
        try (TrainingRun run = open()) {
            Stopwatch sinceSaved = new Stopwatch(nanoTime);
            while (!run.isDone()) {
                if (heartbeat.isStopped()) {
                    return Optional.empty();
                }
                if (Thread.interrupted()) { // cleared, since it would break the files being written
                    save(run);
                    throw new InterruptedException("shutting down");
                }
                if (sinceSaved.seconds() >= checkpointEvery.toNanos() / 1e9) {
                    save(run);
                    sinceSaved = new Stopwatch(nanoTime);
                }
                step(run, heartbeat);
            }
            return Optional.of(trained(run));
        }
    }

    private TrainingRun open() throws IOException {
        Optional<Saved> saved = saved();
        if (saved.isPresent()) {
            try {
                TrainingRun run = rows.resume(part, settings, saved.get().checkpoint());
                remember(saved.get().checkpoint());
                return watched(run, saved.get().watch());
            } catch (IllegalArgumentException anotherRun) {
                log.warn("checkpoint ignored: data or software changed since it was taken");
            }
        }
        return watched(
                rows.begin(part, settings),
                measure == null ? null : ComponentWatch.begin(measure, part));
    }

    private TrainingRun watched(TrainingRun run, @Nullable ComponentWatch by) {
        watch = by;
        if (by != null) {
            by.follow(run);
        }
        return run;
    }

    /** A checkpoint, and what was seen in the steps before it. */
    private record Saved(TrainingCheckpoint checkpoint, @Nullable ComponentWatch watch) {}

    private Optional<Saved> saved() {
        if (!Files.exists(page.checkpoint())) {
            return Optional.empty();
        }
        try {
            TrainingCheckpoint checkpoint = TrainingCheckpoint.read(page.checkpoint());
            ComponentWatch seen =
                    measure == null
                            ? null
                            : ComponentWatch.read(measure, page.importance(checkpoint.step()));
            return Optional.of(new Saved(checkpoint, seen));
        } catch (IOException | ModelRefusedException | IllegalArgumentException unreadable) {
            log.warn("checkpoint ignored: it cannot be read");
            return Optional.empty();
        }
    }

    private void remember(TrainingCheckpoint checkpoint) {
        Page.Notes notes = page.notes();
        seconds = notes.trainSeconds();
        lossSumBefore = notes.lossSumBefore();
        lossSum = checkpoint.lossSum();
        examplesBefore = checkpoint.examples();
        log.info("training resumed step={}", checkpoint.step());
    }

    /**
     * The notes go first: with an older state they are right too, the other way round not. What was
     * seen has the step in its name, so that a crash in between leaves what belongs to the old one.
     */
    private void save(TrainingRun run) throws IOException {
        page.write(page.notes().withTraining(seconds, lossSumBefore));
        TrainingCheckpoint checkpoint = run.checkpoint();
        if (watch != null) {
            watch.write(page.importance(checkpoint.step()));
        }
        checkpoint.write(page.checkpoint());
        page.keepImportanceOf(checkpoint.step());
    }

    private void step(TrainingRun run, Heartbeat heartbeat) {
        Stopwatch watch = new Stopwatch(nanoTime);
        StepReport report = run.step();
        double taken = watch.seconds();
        seconds += taken;
        ownSeconds += taken;
        ownSteps++;
        lossSum += report.loss();
        if (report.step() == stepsBeforeLastEpoch(run)) {
            lossSumBefore = lossSum;
        }
        heartbeat.note(progress(report));
    }

    private Progress progress(StepReport report) {
        double perStep = ownSeconds / ownSteps;
        double examplesPerSecond = (report.examples() - examplesBefore) / ownSeconds;
        return new Progress(
                Progress.Stage.TRAINING,
                report.step(),
                report.steps(),
                report.loss(),
                Double.isFinite(examplesPerSecond) ? examplesPerSecond : null,
                perStep * (report.steps() - report.step()));
    }

    private Trained trained(TrainingRun run) {
        int before = stepsBeforeLastEpoch(run);
        double lastEpoch = (lossSum - lossSumBefore) / (run.steps() - before);
        return new Trained(
                run.result(),
                run.batches(),
                watch == null ? null : watch.scores(part),
                lastEpoch,
                seconds);
    }

    private int stepsBeforeLastEpoch(TrainingRun run) {
        return run.steps() / settings.epochs() * (settings.epochs() - 1);
    }
}
