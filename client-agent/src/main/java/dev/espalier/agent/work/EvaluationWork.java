package dev.espalier.agent.work;

import dev.espalier.agent.data.HeldOutTexts;
import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.data.TextEncoding;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.lm.tokens.Example;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Measures a version on the rows that are held out. Short, so it begins anew after a crash. */
public final class EvaluationWork {

    private final Fetching fetching;
    private final TrainingSlots slots;
    private final LongSupplier nanoTime;

    public EvaluationWork(Fetching fetching, TrainingSlots slots, LongSupplier nanoTime) {
        this.fetching = fetching;
        this.slots = slots;
        this.nanoTime = nanoTime;
    }

    /**
     * @return empty if the work was stopped
     */
    Optional<Outcome> perform(
            Assignment.Evaluate evaluate, PrivateData data, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        if (data.offer().heldOutRows() == 0) {
            throw new CannotDoException("there is no held-out row to evaluate on");
        }
        TaskRules.requireHead(evaluate);
        Optional<Fetched> ready = fetching.fetch(evaluate, page, heartbeat);
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        try (Fetched fetched = ready.get()) {
            Optional<TrainingSlots.Slot> slot = slots.take(heartbeat);
            if (slot.isEmpty()) {
                return Optional.empty();
            }
            try (TrainingSlots.Slot _ = slot.get();
                    Measurement measurement = measurement(evaluate, fetched, data)) {
                return measured(measurement, heartbeat)
                        ? Optional.of(measurement.outcome(page.notes()))
                        : Optional.empty();
            }
        }
    }

    private static Measurement measurement(
            Assignment.Evaluate evaluate, Fetched fetched, PrivateData data) throws IOException {
        return switch (evaluate.task().kind()) {
            case SEQUENCE_CLASSIFICATION -> {
                List<Example> examples =
                        data.heldOutExamples(
                                TaskRules.encoding(evaluate, fetched.base()),
                                evaluate.task().labels());
                yield new ClassesMeasurement(fetched.model().adapted(), examples);
            }
            case TEXT_TO_TEXT -> {
                HeldOutTexts texts =
                        data.heldOutTexts(
                                TaskRules.encoding(evaluate, fetched.base()),
                                TaskRules.targetEncoding(evaluate, fetched.base()));
                int longest = TaskRules.longestTarget(evaluate.task(), fetched.base());
                yield new WritingMeasurement(fetched.model(), texts, longest);
            }
            case CAUSAL_LANGUAGE_MODELLING -> {
                TextEncoding encoding = TaskRules.encoding(evaluate, fetched.base());
                yield new ContinuationMeasurement(
                        fetched.model(), ContinuedRows.of(data.heldOutWindows(encoding), encoding));
            }
        };
    }

    /** False if it was stopped. */
    private boolean measured(Measurement measurement, Heartbeat heartbeat)
            throws InterruptedException {
        Stopwatch watch = new Stopwatch(nanoTime);
        int done = 0;
        while (done < measurement.steps()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("shutting down");
            }
            if (heartbeat.isStopped()) {
                return false;
            }
            done = measurement.measure(done);
            heartbeat.note(progress(done, measurement.steps(), watch));
        }
        return true;
    }

    private static Progress progress(int done, int all, Stopwatch watch) {
        double seconds = watch.seconds();
        return new Progress(
                Progress.Stage.EVALUATING,
                done,
                all,
                null,
                seconds > 0 ? done / seconds : null,
                seconds / done * (all - done));
    }
}
