package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.metric.ConfusionMatrix;
import dev.espalier.lm.metric.Evaluation;
import dev.espalier.lm.tokens.Example;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Measures an adapter on examples that it was not trained on. */
public final class Evaluator {

    private final BaseModel base;
    private final AdapterSettings settings;
    private final int batchSize;

    public Evaluator(BaseModel base, AdapterSettings settings, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1: " + batchSize);
        }
        this.base = base;
        this.settings = settings;
        this.batchSize = batchSize;
    }

    /**
     * Examples of one length share a batch; the result does not depend on their order but for the
     * last bits of the loss.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or an example does
     *     not fit the model
     */
    public Evaluation evaluate(AdapterWeights weights, List<Example> examples) {
        ExampleCheck.check(base, settings, examples);
        int[] order = byLength(examples);
        int[] predicted = new int[examples.size()];
        double[] losses = new double[examples.size()];
        try (LiveAdapter live = base.adapt(settings, weights)) {
            Classifier classifier = new Classifier(base, live);
            for (int from = 0; from < order.length; from += batchSize) {
                int to = Math.min(from + batchSize, order.length);
                int[] batch = Arrays.copyOfRange(order, from, to);
                score(classifier, examples, batch, predicted, losses);
            }
        }
        int[] truth = examples.stream().mapToInt(Example::label).toArray();
        int classes = settings.labels(base.structure()).size();
        return new Evaluation(
                Arrays.stream(losses).average().orElseThrow(),
                ConfusionMatrix.of(classes, truth, predicted));
    }

    private static void score(
            Classifier classifier,
            List<Example> examples,
            int[] batch,
            int[] predicted,
            double[] losses) {
        List<Example> chosen = Arrays.stream(batch).mapToObj(examples::get).toList();
        Classifier.Scores scores = classifier.scores(chosen, null);
        int classes = scores.logits.length / batch.length;
        for (int row = 0; row < batch.length; row++) {
            predicted[batch[row]] = highest(scores.logits, row * classes, classes);
            losses[batch[row]] = scores.losses[row];
        }
    }

    /** The first of the highest. */
    private static int highest(float[] logits, int from, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (logits[from + c] > logits[from + best]) {
                best = c;
            }
        }
        return best;
    }

    private static int[] byLength(List<Example> examples) {
        return IntStream.range(0, examples.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> examples.get(i).tokens().length()))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
