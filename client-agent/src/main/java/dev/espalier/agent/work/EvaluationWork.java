package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.lm.metric.ConfusionMatrix;
import dev.espalier.lm.metric.Evaluation;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.Evaluator;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Measures a version on the rows that are held out. Short, so it begins anew after a crash. */
public final class EvaluationWork {

    private static final int BATCH = 32;

    /** Between two looks at whether to go on. */
    private static final int SLICE = 4 * BATCH;

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
        Optional<Fetched> ready = fetching.fetch(evaluate, page, heartbeat);
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        try (Fetched fetched = ready.get()) {
            List<Example> examples =
                    data.heldOutExamples(TaskRules.encoding(evaluate, fetched.base()));
            if (examples.isEmpty()) {
                throw new CannotDoException("there is no held-out row to evaluate on");
            }
            Optional<TrainingSlots.Slot> slot = slots.take(heartbeat);
            if (slot.isEmpty()) {
                return Optional.empty();
            }
            try (TrainingSlots.Slot _ = slot.get()) {
                return evaluate(fetched, examples, heartbeat)
                        .map(found -> outcome(found, page.notes().bytesDown()));
            }
        }
    }

    /** In slices, so that it can be watched and stopped; texts of one length stay together. */
    private Optional<Evaluation> evaluate(
            Fetched fetched, List<Example> examples, Heartbeat heartbeat)
            throws InterruptedException {
        List<Example> sorted = new ArrayList<>(examples);
        sorted.sort(Comparator.comparingInt(example -> example.tokens().length()));
        Evaluator evaluator = new Evaluator(fetched.base().model(), fetched.adapter(), BATCH);
        Stopwatch watch = new Stopwatch(nanoTime);
        Sum sum = new Sum(fetched.adapter().labels(fetched.base().model().structure()).size());
        for (int from = 0; from < sorted.size(); from += SLICE) {
            if (Thread.interrupted()) {
                throw new InterruptedException("shutting down");
            }
            if (heartbeat.isStopped()) {
                return Optional.empty();
            }
            int to = Math.min(from + SLICE, sorted.size());
            sum.add(evaluator.evaluate(fetched.start(), sorted.subList(from, to)));
            heartbeat.note(progress(to, sorted.size(), watch));
        }
        return Optional.of(sum.total());
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

    private static Outcome outcome(Evaluation found, long bytesDown) {
        return new Outcome.Evaluated(
                found.examples(),
                found.loss(),
                found.accuracy(),
                found.macroF1(),
                null,
                null,
                bytesDown);
    }

    /** Adds up what was found on slices. */
    private static final class Sum {

        private final long[][] counts;
        private double loss;
        private int examples;

        Sum(int classes) {
            this.counts = new long[classes][classes];
        }

        void add(Evaluation slice) {
            for (int truth = 0; truth < counts.length; truth++) {
                for (int predicted = 0; predicted < counts.length; predicted++) {
                    counts[truth][predicted] += slice.confusion().count(truth, predicted);
                }
            }
            loss += slice.loss() * slice.examples();
            examples += Math.toIntExact(slice.examples());
        }

        Evaluation total() {
            int[] truths = new int[examples];
            int[] guesses = new int[examples];
            int at = 0;
            for (int truth = 0; truth < counts.length; truth++) {
                for (int predicted = 0; predicted < counts.length; predicted++) {
                    for (long i = 0; i < counts[truth][predicted]; i++) {
                        truths[at] = truth;
                        guesses[at++] = predicted;
                    }
                }
            }
            return new Evaluation(
                    loss / examples, ConfusionMatrix.of(counts.length, truths, guesses));
        }
    }
}
