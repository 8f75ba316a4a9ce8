package dev.espalier.lm.metric;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Counts corpus BLEU-4 (Papineni et al. 2002) as sacrebleu does by default: its {@code 13a}
 * tokenizer, case kept, exponential smoothing, no effective order. Keeps counts, never texts; the
 * order of examples does not matter. One thread at a time may use it.
 *
 * <pre>
 *   BLEU = 100 · BP · (p1 p2 p3 p4)^¼        BP = min(1, exp(1 - reference / predicted))
 * </pre>
 *
 * <p>A precision without matches is {@code 1 / (2^k n)} for the k-th such one with n grams. A
 * corpus without any 4-gram, or any match, scores 0.
 */
public final class Bleu {

    private static final int ORDER = 4;

    private final long[] matches = new long[ORDER];
    private final long[] totals = new long[ORDER];
    private long predictedTokens;
    private long referenceTokens;

    /**
     * Counts one example.
     *
     * @param references one or more; a run of words may match in any of them
     */
    public void add(String prediction, List<String> references) {
        if (references.isEmpty()) {
            throw new IllegalArgumentException("a prediction needs a reference");
        }
        List<String> predicted = BleuTokenizer.tokens(prediction);
        List<List<String>> expected = references.stream().map(BleuTokenizer::tokens).toList();
        for (int n = 1; n <= ORDER; n++) {
            NGrams ours = NGrams.of(predicted, n);
            matches[n - 1] += ours.common(most(expected, n));
            totals[n - 1] += ours.total();
        }
        predictedTokens += predicted.size();
        referenceTokens += nearest(predicted.size(), expected);
    }

    private static NGrams most(List<List<String>> texts, int n) {
        return texts.stream().map(text -> NGrams.of(text, n)).reduce(NGrams::most).orElseThrow();
    }

    /** The length nearest to {@code length}; the shorter of two as near. */
    private static int nearest(int length, List<List<String>> texts) {
        return texts.stream()
                .map(List::size)
                .min(
                        Comparator.<Integer>comparingInt(size -> Math.abs(size - length))
                                .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** The score of the examples so far; 0 without any. */
    public BleuScore score() {
        List<Double> precisions = precisions();
        double penalty = brevityPenalty();
        double logs = precisions.stream().mapToDouble(p -> Math.log(p / 100)).sum();
        double score = 100 * penalty * Math.exp(logs / ORDER); // exp(-infinity) is 0
        return new BleuScore(score, precisions, penalty, predictedTokens, referenceTokens);
    }

    private double brevityPenalty() {
        if (predictedTokens >= referenceTokens) {
            return 1;
        }
        return predictedTokens == 0 ? 0 : Math.exp(1 - (double) referenceTokens / predictedTokens);
    }

    private List<Double> precisions() {
        List<Double> precisions = new ArrayList<>(Collections.nCopies(ORDER, 0.0));
        if (matches[0] == 0) { // then no longer run matches either
            return precisions;
        }
        double smoothing = 1;
        for (int n = 0; n < ORDER && totals[n] > 0; n++) {
            if (matches[n] == 0) {
                smoothing *= 2;
                precisions.set(n, 100 / (smoothing * totals[n]));
            } else {
                precisions.set(n, 100.0 * matches[n] / totals[n]);
            }
        }
        return precisions;
    }
}
