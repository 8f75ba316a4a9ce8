package dev.espalier.lm.prune;

import dev.espalier.lm.cost.PruningCost;

/** How a pruning ended: both happen on a good day. */
public sealed interface PruningOutcome {

    /**
     * All matrices were handed out.
     *
     * @param weights in the pruned matrices
     * @param dropped of them
     */
    record Finished(int matrices, long weights, long dropped, PruningCost cost)
            implements PruningOutcome {

        /** Share of the weights that is zero now, in [0, 1]; 0 where nothing was to be pruned. */
        public double sparsity() {
            return weights == 0 ? 0 : (double) dropped / weights;
        }
    }

    /**
     * The caller stopped it.
     *
     * @param matrices that were handed out before that
     */
    record Stopped(int matrices) implements PruningOutcome {}
}
