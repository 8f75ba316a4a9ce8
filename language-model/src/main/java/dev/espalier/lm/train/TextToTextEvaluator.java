package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.TextToTextExample;
import java.util.Comparator;
import java.util.List;

/** Measures how well a model foretells texts from others that it reads. */
public final class TextToTextEvaluator {

    private final BaseModel base;
    private final int batchSize;

    public TextToTextEvaluator(BaseModel base, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1: " + batchSize);
        }
        this.base = base;
        this.batchSize = batchSize;
    }

    /**
     * The base model as it is.
     *
     * @throws IllegalArgumentException if an example does not fit the model
     */
    public LanguageEvaluation evaluate(List<TextToTextExample> examples) {
        ExampleCheck.checkPairs(base, examples);
        try (LiveAdapter nothing = base.unadapted()) {
            return evaluate(nothing, examples);
        }
    }

    /**
     * The base model with an adapter.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or an example does
     *     not fit the model
     */
    public LanguageEvaluation evaluate(
            AdapterSettings settings, AdapterWeights weights, List<TextToTextExample> examples) {
        ExampleCheck.checkPairs(base, examples);
        try (LiveAdapter live = base.adapt(settings, weights)) {
            return evaluate(live, examples);
        }
    }

    /** Examples with targets of about one length share a batch. */
    private LanguageEvaluation evaluate(LiveAdapter live, List<TextToTextExample> examples) {
        List<TextToTextExample> order =
                examples.stream()
                        .sorted(Comparator.comparingInt(TextToTextExample::targetLength))
                        .toList();
        TextToTextForeteller foreteller = new TextToTextForeteller(base, live);
        double sum = 0;
        long predictions = 0;
        for (int from = 0; from < order.size(); from += batchSize) {
            int to = Math.min(from + batchSize, order.size());
            for (float loss : foreteller.losses(order.subList(from, to))) {
                sum += loss;
                predictions++;
            }
        }
        return new LanguageEvaluation(sum / predictions, predictions);
    }
}
