package dev.espalier.lm.prune;

import java.util.function.IntConsumer;

/** Weights side by side in a row, of which each group loses equally many. */
final class RowGroups {

    private RowGroups() {}

    /**
     * Names the smallest scores of each group.
     *
     * @param scores of a row, a whole number of groups
     * @param dropped told the index of each; the lower of equal ones
     */
    static void drop(double[] scores, Sparsity.InGroups groups, IntConsumer dropped) {
        double[] group = new double[groups.size()];
        for (int from = 0; from < scores.length; from += group.length) {
            System.arraycopy(scores, from, group, 0, group.length);
            int first = from;
            CutRule.EXACT.drop(group, groups.dropped(), i -> dropped.accept(first + i));
        }
    }
}
