package dev.espalier.orchestrator.round;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.job.RoundView.OfAgent;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Perplexity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What several agents measured of one version, put together. */
final class Evaluations {

    private Evaluations() {}

    /** What one agent told of a version. */
    record Answer(AgentName agent, Outcome.Evaluated outcome) {}

    /**
     * Every measure weighted by the examples behind it, in ascending order of agent; the loss by
     * tokens where all tell how many they predicted, so that perplexity is that of all tokens
     * together and no mean of perplexities. A measure that not all of them tell is left out.
     */
    static Evaluation weightedMean(List<Answer> answers) {
        List<Outcome.Evaluated> results = answers.stream().map(Answer::outcome).toList();
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
                answers.stream().map(Evaluations::alone).toList());
    }

    private static OfAgent alone(Answer answer) {
        Outcome.Evaluated outcome = answer.outcome();
        return new OfAgent(
                answer.agent(),
                outcome.examples(),
                outcome.loss(),
                outcome.accuracy(),
                outcome.perplexity());
    }

    /**
     * Clients' own versions, each counting as much as any other (algorithms.md C.7); a measure that
     * not all have is left out. All were measured on the same examples, which are counted once.
     *
     * @param results each of another client; never empty
     */
    static Evaluation meanOverVersions(List<Sitting.Result> results) {
        List<Evaluation> versions = results.stream().map(Sitting.Result::evaluation).toList();
        return new Evaluation(
                versions.stream().mapToLong(Evaluation::examples).max().orElseThrow(),
                versions.stream().mapToDouble(Evaluation::loss).average().orElseThrow(),
                mean(versions, Evaluation::accuracy),
                mean(versions, Evaluation::macroF1),
                mean(versions, Evaluation::bleu),
                mean(versions, Evaluation::rougeL),
                mean(versions, Evaluation::perplexity),
                results.stream().map(Evaluations::ofClient).toList());
    }

    private static OfAgent ofClient(Sitting.Result result) {
        Evaluation evaluation = result.evaluation();
        return new OfAgent(
                Objects.requireNonNull(result.examined().client()),
                evaluation.examples(),
                evaluation.loss(),
                evaluation.accuracy(),
                evaluation.perplexity());
    }

    private static @Nullable Double mean(
            List<Evaluation> versions, Function<Evaluation, @Nullable Double> measure) {
        double sum = 0;
        for (Evaluation version : versions) {
            Double value = measure.apply(version);
            if (value == null) {
                return null;
            }
            sum += value;
        }
        return sum / versions.size();
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
