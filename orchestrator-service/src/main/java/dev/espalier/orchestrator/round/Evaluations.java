package dev.espalier.orchestrator.round;

import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Perplexity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What several agents measured of one version, put together. */
final class Evaluations {

    private Evaluations() {}

    /**
     * Every measure weighted by the examples behind it, in ascending order of agent; the loss by
     * tokens where all tell how many they predicted, so that perplexity is that of all tokens
     * together and no mean of perplexities. A measure that not all of them tell is left out.
     */
    static Evaluation weightedMean(List<Outcome.Evaluated> results) {
        long examples = results.stream().mapToLong(Outcome.Evaluated::examples).sum();
        double loss = loss(results);
        boolean perplexity = results.stream().allMatch(result -> result.perplexity() != null);
        return new Evaluation(
                examples,
                loss,
                mean(results, examples, Outcome.Evaluated::accuracy),
                mean(results, examples, Outcome.Evaluated::macroF1),
                mean(results, examples, Outcome.Evaluated::bleu),
                mean(results, examples, Outcome.Evaluated::rougeL),
                perplexity ? Perplexity.of(loss) : null,
                List.of());
    }

    private static double loss(List<Outcome.Evaluated> results) {
        boolean byTokens = results.stream().allMatch(result -> result.tokens() != null);
        double all = 0;
        double sum = 0;
        for (Outcome.Evaluated result : results) {
            Long tokens = result.tokens();
            double weight = byTokens && tokens != null ? tokens : result.examples();
            all += weight;
            sum += weight * result.loss();
        }
        return sum / all;
    }

    private static @Nullable Double mean(
            List<Outcome.Evaluated> results,
            long examples,
            Function<Outcome.Evaluated, @Nullable Double> measure) {
        double mean = 0;
        for (Outcome.Evaluated result : results) {
            Double value = measure.apply(result);
            if (value == null) {
                return null;
            }
            mean += (double) result.examples() / examples * value;
        }
        return mean;
    }

    /** The measures that there are, by name. */
    static Map<String, Double> values(Evaluation evaluation) {
        Map<String, Double> values = new LinkedHashMap<>();
        putIfKnown(values, "accuracy", evaluation.accuracy());
        putIfKnown(values, "macroF1", evaluation.macroF1());
        putIfKnown(values, "bleu", evaluation.bleu());
        putIfKnown(values, "rougeL", evaluation.rougeL());
        putIfKnown(values, "perplexity", evaluation.perplexity());
        values.put("loss", evaluation.loss());
        return values;
    }

    /** For people, in words that follow the version. */
    static String inWords(Evaluation evaluation) {
        String measure;
        if (evaluation.accuracy() != null) {
            measure = "an accuracy of %.4f".formatted(evaluation.accuracy());
        } else if (evaluation.bleu() != null) {
            measure = "a BLEU of %.2f".formatted(evaluation.bleu());
        } else if (evaluation.perplexity() != null) {
            measure = String.format(Locale.ROOT, "a perplexity of %.2f", evaluation.perplexity());
        } else {
            measure = String.format(Locale.ROOT, "a loss of %.4f", evaluation.loss());
        }
        return "has %s on %d examples".formatted(measure, evaluation.examples());
    }

    private static void putIfKnown(
            Map<String, Double> values, String name, @Nullable Double value) {
        if (value != null) {
            values.put(name, value);
        }
    }
}
