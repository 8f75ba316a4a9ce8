package dev.espalier.lm.prune;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Where the line is drawn between what is dropped and what is kept, where a pruner ranks many
 * weights at once (algorithms.md C.4, ours). Wanda, and every pruner in groups, drops exactly what
 * was asked by either rule, as the official code does.
 */
public enum CutRule {

    /** Exactly the wanted number is dropped; of equal scores those with the lower index. */
    EXACT {
        @Override
        void drop(double[] scores, int wanted, IntConsumer dropped) {
            if (wanted == 0) {
                return;
            }
            double last = ranked(scores)[wanted - 1];
            int ties = wanted - dropBelow(scores, last, dropped);
            for (int i = 0; ties > 0; i++) {
                if (compare(scores[i], last) == 0) {
                    dropped.accept(i);
                    ties--;
                }
            }
        }
    },

    /**
     * The threshold of the official code: every score up to the one that comes after the wanted
     * number, so one more is dropped than wanted, and more with equal scores.
     */
    REFERENCE {
        @Override
        void drop(double[] scores, int wanted, IntConsumer dropped) {
            double last = ranked(scores)[Math.min(wanted, scores.length - 1)];
            for (int i = 0; i < scores.length; i++) {
                if (compare(scores[i], last) <= 0) {
                    dropped.accept(i);
                }
            }
        }
    };

    /**
     * Names the smallest scores.
     *
     * @param scores not empty, none negative; no number counts as the largest
     * @param wanted how many, up to all
     * @param dropped told each index once
     */
    abstract void drop(double[] scores, int wanted, IntConsumer dropped);

    private static double[] ranked(double[] scores) {
        double[] ranked = scores.clone();
        Arrays.sort(ranked);
        return ranked;
    }

    private static int dropBelow(double[] scores, double limit, IntConsumer dropped) {
        int count = 0;
        for (int i = 0; i < scores.length; i++) {
            if (compare(scores[i], limit) < 0) {
                dropped.accept(i);
                count++;
            }
        }
        return count;
    }

    /** The order in which {@link Arrays#sort(double[])} ranks. */
    private static int compare(double one, double other) {
        return Double.compare(one, other);
    }
}
