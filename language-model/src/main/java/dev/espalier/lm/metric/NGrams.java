package dev.espalier.lm.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How often each run of n tokens occurs in a text. */
final class NGrams {

    private final Map<List<String>, Integer> counts = new HashMap<>();
    private int total;

    private NGrams() {}

    static NGrams of(List<String> tokens, int n) {
        NGrams grams = new NGrams();
        for (int from = 0; from + n <= tokens.size(); from++) {
            grams.counts.merge(tokens.subList(from, from + n), 1, Integer::sum);
            grams.total++;
        }
        return grams;
    }

    /** Runs of the text, repeats counted. */
    int total() {
        return total;
    }

    /** Runs that both have, each as often as the one that has it less often. */
    int common(NGrams other) {
        int common = 0;
        for (Map.Entry<List<String>, Integer> gram : counts.entrySet()) {
            common += Math.min(gram.getValue(), other.counts.getOrDefault(gram.getKey(), 0));
        }
        return common;
    }

    /** Each run as often as in the one of the two that has it more often. */
    NGrams most(NGrams other) {
        NGrams most = new NGrams();
        most.counts.putAll(counts);
        other.counts.forEach((gram, count) -> most.counts.merge(gram, count, Math::max));
        most.total = most.counts.values().stream().mapToInt(Integer::intValue).sum();
        return most;
    }
}
