package dev.espalier.lm.metric;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * ROUGE (Lin 2004) of a predicted text against one reference, as Google's rouge-score package
 * counts it with its default tokenizer and its default of no stemming: lower case, then runs of
 * {@code a-z} and {@code 0-9}. Texts in other scripts therefore score 0.
 *
 * @param rouge1 on single words
 * @param rouge2 on pairs of neighbours
 * @param rougeL on the longest common subsequence of the whole texts; line breaks mean nothing
 */
public record Rouge(RougeScore rouge1, RougeScore rouge2, RougeScore rougeL) {

    private static final Pattern TOKEN = Pattern.compile("[a-z0-9]+");

    public static Rouge of(String prediction, String reference) {
        List<String> predicted = tokens(prediction);
        List<String> expected = tokens(reference);
        return new Rouge(
                overlap(predicted, expected, 1),
                overlap(predicted, expected, 2),
                RougeScore.of(
                        longestCommon(predicted, expected), predicted.size(), expected.size()));
    }

    /** The plain mean of every number over examples; NaN without examples. */
    public static Rouge mean(List<Rouge> examples) {
        return new Rouge(
                mean(examples, Rouge::rouge1),
                mean(examples, Rouge::rouge2),
                mean(examples, Rouge::rougeL));
    }

    private static RougeScore mean(List<Rouge> examples, Function<Rouge, RougeScore> kind) {
        List<RougeScore> scores = examples.stream().map(kind).toList();
        return new RougeScore(
                average(scores, RougeScore::precision),
                average(scores, RougeScore::recall),
                average(scores, RougeScore::f));
    }

    private static double average(List<RougeScore> scores, ToDoubleFunction<RougeScore> part) {
        return scores.stream().mapToDouble(part).average().orElse(Double.NaN);
    }

    static List<String> tokens(String text) {
        return TOKEN.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static RougeScore overlap(List<String> predicted, List<String> expected, int n) {
        NGrams ours = NGrams.of(predicted, n);
        NGrams theirs = NGrams.of(expected, n);
        return RougeScore.of(ours.common(theirs), ours.total(), theirs.total());
    }

    /** Length of the longest common subsequence; memory of one row. */
    private static int longestCommon(List<String> a, List<String> b) {
        int[] row = new int[b.size() + 1];
        for (String token : a) {
            int diagonal = 0; // of the row before
            for (int j = 1; j <= b.size(); j++) {
                int above = row[j];
                row[j] = token.equals(b.get(j - 1)) ? diagonal + 1 : Math.max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[b.size()];
    }
}
