package dev.espalier.benchmarks.measure;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.work.Cost;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one run cost and what it reached, or the mean of several. Bytes, multiply-accumulates and
 * seconds are sums over all clients of all rounds; the scores are of the last version, on data that
 * no version before it was shown.
 *
 * @param accuracy from 0 to 1; absent where no classes are told apart, or nothing was scored
 * @param bleu 0 to 100, where text is written
 * @param rougeL from 0 to 1, where text is written
 * @param perplexity where text is continued
 * @param loss in nats
 * @param sparsity of the base's matrices, from 0 to 1, where they are pruned
 * @param bytesUp values of adapters, masks, confidences and scalars (algorithms.md D.6); the task
 *     head, which is the same in every arm, is {@code taskHeadBytesUp} and not in it
 * @param bytesDown all that was fetched
 * @param baseBytesDown the part of it that was the base model
 * @param macs whole model, all of Q, K, V and O pruned (algorithms.md A.7); scoring apart
 * @param trainSeconds head scoring, pruning, forward, backward and optimiser
 */
public record Figures(
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double accuracy,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double macroF1,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double bleu,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double rougeL,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double perplexity,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double loss,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double sparsity,
        long bytesUp,
        long taskHeadBytesUp,
        long wireBytesUp,
        long bytesDown,
        long baseBytesDown,
        long macs,
        long attentionMacs,
        long attentionMacsDenseOutput,
        long scoringMacs,
        double trainSeconds,
        int rounds) {

    /** Of one run that has ended. */
    public static Figures of(List<RoundView> rounds) {
        RoundView.Evaluation score = rounds.isEmpty() ? null : finalScore(rounds.getLast());
        Cost cost = rounds.stream().map(RoundView::cost).reduce(Cost.NONE, Cost::plus);
        return new Figures(
                score == null ? null : score.accuracy(),
                score == null ? null : score.macroF1(),
                score == null ? null : score.bleu(),
                score == null ? null : score.rougeL(),
                score == null ? null : score.perplexity(),
                score == null ? null : score.loss(),
                sparsity(rounds),
                bytes(rounds, traffic -> traffic.bytesUp() - traffic.taskHeadBytesUp()),
                bytes(rounds, RoundView.Traffic::taskHeadBytesUp),
                bytes(rounds, RoundView.Traffic::wireBytesUp),
                bytes(rounds, RoundView.Traffic::bytesDown),
                bytes(rounds, RoundView.Traffic::baseBytesDown),
                cost.macs(),
                cost.attentionMacs(),
                cost.attentionMacsDenseOutput(),
                cost.scoringMacs(),
                rounds.stream().mapToDouble(round -> round.timing().training()).sum(),
                rounds.size());
    }

    /**
     * Never that on the validation data, on which choices may have been made: a run that was not
     * scored at its end has no score.
     */
    private static RoundView.@Nullable Evaluation finalScore(RoundView last) {
        return last.finalEvaluation();
    }

    /** After the last round that pruned. */
    private static @Nullable Double sparsity(List<RoundView> rounds) {
        return rounds.reversed().stream()
                .flatMap(round -> Stream.ofNullable(round.sparsity()))
                .findFirst()
                .orElse(null);
    }

    private static long bytes(List<RoundView> rounds, ToLongFunction<RoundView.Traffic> which) {
        return rounds.stream().map(RoundView::traffic).mapToLong(which).sum();
    }

    /** The mean of every figure; a score that one of them lacks is absent. */
    public static Figures mean(Collection<Figures> runs) {
        return new Figures(
                meanScore(runs, Figures::accuracy),
                meanScore(runs, Figures::macroF1),
                meanScore(runs, Figures::bleu),
                meanScore(runs, Figures::rougeL),
                meanScore(runs, Figures::perplexity),
                meanScore(runs, Figures::loss),
                meanScore(runs, Figures::sparsity),
                meanCount(runs, Figures::bytesUp),
                meanCount(runs, Figures::taskHeadBytesUp),
                meanCount(runs, Figures::wireBytesUp),
                meanCount(runs, Figures::bytesDown),
                meanCount(runs, Figures::baseBytesDown),
                meanCount(runs, Figures::macs),
                meanCount(runs, Figures::attentionMacs),
                meanCount(runs, Figures::attentionMacsDenseOutput),
                meanCount(runs, Figures::scoringMacs),
                mean(runs, Figures::trainSeconds),
                (int) meanCount(runs, Figures::rounds));
    }

    private static @Nullable Double meanScore(
            Collection<Figures> runs, Function<Figures, @Nullable Double> score) {
        List<Double> scores =
                runs.stream().flatMap(run -> Stream.ofNullable(score.apply(run))).toList();
        return scores.size() < runs.size() ? null : mean(scores, Double::doubleValue);
    }

    private static long meanCount(Collection<Figures> runs, ToLongFunction<Figures> count) {
        return Math.round(mean(runs, count::applyAsLong));
    }

    private static <T> double mean(Collection<T> runs, ToDoubleFunction<T> figure) {
        return runs.stream().mapToDouble(figure).average().orElseThrow();
    }
}
