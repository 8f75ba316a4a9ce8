package dev.espalier.lm.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.head.ConfidenceSettings.Average;

/**
 * Sums up the largest attention of every token that asks, head by head, in double. Keeps two
 * numbers a head, however many texts there are.
 */
final class ConfidenceTally {

    private static final int[] LAST = {-1};

    private final ConfidenceSettings settings;
    private final double[][] sums;
    private final double[] counts;

    ConfidenceTally(ConfidenceSettings settings, int blocks) {
        this.settings = settings;
        this.sums = new double[blocks][0];
        this.counts = new double[blocks];
    }

    /**
     * @param attention [text, head, query, key]
     * @param causal whether a query sees the keys up to its own place only
     */
    void add(
            int block,
            NDArray attention,
            CountedTokens queries,
            CountedTokens keys,
            boolean causal) {
        int heads = Math.toIntExact(attention.getShape().get(1));
        if (sums[block].length == 0) {
            sums[block] = new double[heads];
        }
        float[] largest = NativeValues.floats(attention.mul(counted(attention, keys)).max(LAST));
        for (int text = 0; text < queries.texts(); text++) {
            boolean[] asking = asking(text, queries, keys, causal);
            addText(block, largest, text * heads * asking.length, asking);
        }
    }

    /** [text, 1, 1, key]: 1 where a key counts. Those that nobody may see have attention 0. */
    private NDArray counted(NDArray attention, CountedTokens keys) {
        float[] counted = new float[keys.texts() * keys.time()];
        for (int i = 0; i < counted.length; i++) {
            int text = i / keys.time();
            int place = i % keys.time();
            boolean end = settings.excludeEosKey() && keys.isEnd(text, place);
            counted[i] = keys.isPresent(text, place) && !end ? 1 : 0;
        }
        boolean single = attention.getDataType() == DataType.FLOAT32;
        return NativeValues.create(
                attention.getManager(),
                new Shape(keys.texts(), 1, 1, keys.time()),
                single ? Precision.SINGLE : Precision.DOUBLE,
                counted);
    }

    private boolean[] asking(int text, CountedTokens queries, CountedTokens keys, boolean causal) {
        boolean[] asking = new boolean[queries.time()];
        int[] visible = keys.presentUpTo(text);
        for (int q = 0; q < asking.length; q++) {
            boolean end = settings.excludeEosQuery() && queries.isEnd(text, q);
            int seen = visible[causal ? q : visible.length - 1];
            asking[q] =
                    queries.isPresent(text, q)
                            && !end
                            && seen > (settings.skipSingleKeyQueries() ? 1 : 0);
        }
        return asking;
    }

    /**
     * @param from where the text begins in largest, [head, query]
     */
    private void addText(int block, float[] largest, int from, boolean[] asking) {
        int count = 0;
        for (boolean asks : asking) {
            count += asks ? 1 : 0;
        }
        if (count == 0) {
            return;
        }
        double weight = settings.average() == Average.TEXTS ? 1.0 / count : 1;
        for (int head = 0; head < sums[block].length; head++) {
            double sum = 0;
            for (int q = 0; q < asking.length; q++) {
                sum += asking[q] ? largest[from + head * asking.length + q] : 0;
            }
            sums[block][head] += weight * sum;
        }
        counts[block] += weight * count;
    }

    /** 0 for a head that nothing was counted of. */
    HeadScores scores() {
        double[][] scores = new double[sums.length][];
        for (int b = 0; b < scores.length; b++) {
            scores[b] = sums[b].clone();
            for (int h = 0; h < scores[b].length; h++) {
                scores[b][h] = counts[b] == 0 ? 0 : sums[b][h] / counts[b];
            }
        }
        return HeadScores.of(scores);
    }

    /** What the mean is of, for every head of a block. */
    double[] sums(int block) {
        return sums[block].clone();
    }

    /** How many were counted in a block. */
    double count(int block) {
        return counts[block];
    }
}
