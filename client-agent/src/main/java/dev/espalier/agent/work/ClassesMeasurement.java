package dev.espalier.agent.work;

import dev.espalier.agent.journal.Page;
import dev.espalier.lm.metric.ConfusionMatrix;
import dev.espalier.lm.metric.Evaluation;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.Evaluator;
import dev.espalier.protocol.work.Outcome;
import java.util.Comparator;
import java.util.List;

/** How well classes are told apart. Texts of one length stay together. */
final class ClassesMeasurement implements Measurement {

    private static final int BATCH = 32;

    /** Between two looks at whether to go on. */
    private static final int SLICE = 4 * BATCH;

    private final Evaluator evaluator;
    private final ReadyModel model;
    private final List<Example> sorted;
    private final long[][] counts;
    private double loss;

    ClassesMeasurement(ReadyModel model, List<Example> examples) {
        this.evaluator = new Evaluator(model.base(), model.adapter(), BATCH);
        this.model = model;
        this.sorted =
                examples.stream()
                        .sorted(Comparator.comparingInt(example -> example.tokens().length()))
                        .toList();
        int classes = model.adapter().labels(model.base().structure()).size();
        this.counts = new long[classes][classes];
    }

    @Override
    public int steps() {
        return sorted.size();
    }

    @Override
    public int measure(int from) {
        int to = Math.min(from + SLICE, sorted.size());
        Evaluation slice = evaluator.evaluate(model.weights(), sorted.subList(from, to));
        for (int truth = 0; truth < counts.length; truth++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                counts[truth][predicted] += slice.confusion().count(truth, predicted);
            }
        }
        loss += slice.loss() * slice.examples();
        return to;
    }

    @Override
    public Outcome.Evaluated outcome(Page.Notes notes) {
        Evaluation all = total();
        return new Outcome.Evaluated(
                all.examples(),
                LossRules.requireNumber(all.loss()),
                all.accuracy(),
                all.macroF1(),
                null,
                null,
                null,
                null,
                notes.bytesDown(),
                notes.baseBytesDown());
    }

    private Evaluation total() {
        int[] truths = new int[sorted.size()];
        int[] guesses = new int[sorted.size()];
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
                loss / sorted.size(), ConfusionMatrix.of(counts.length, truths, guesses));
    }

    @Override
    public void close() {}
}
