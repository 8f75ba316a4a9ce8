package dev.espalier.lm.prune;

import java.util.BitSet;

/**
 * Drops the smallest |w|: {@code floor(s · D)} of a matrix, equal ones by ascending place in [out,
 * in], or so many of each group (algorithms.md C.4).
 */
record MagnitudePruning(Sparsity sparsity, CutRule rule) implements MatrixPruning {

    @Override
    public Result prune(WeightMatrix w) {
        BitSet dropped = new BitSet(w.values().length);
        double[] scores = new double[w.values().length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.abs(w.values()[i]);
        }
        switch (sparsity) {
            case Sparsity.Unstructured share ->
                    rule.drop(scores, share.dropped(scores.length), dropped::set);
            case Sparsity.InGroups groups -> RowGroups.drop(scores, groups, dropped::set);
        }
        return new Result(dropped, null);
    }
}
