package dev.espalier.lm.prune;

import dev.espalier.lm.family.LinearLayer;

/** How matrices are pruned: the same for all clients of a job. */
public record PruningSettings(Pruner pruner, Sparsity sparsity, CutRule rule) {

    /** Drops exactly what is asked. */
    public static PruningSettings exact(Pruner pruner, Sparsity sparsity) {
        return new PruningSettings(pruner, sparsity, CutRule.EXACT);
    }

    /** Whether the pruner looks at what enters a layer. */
    public boolean readsTexts() {
        return !(pruner instanceof Pruner.Magnitude);
    }

    /** Whether kept weights get other values, which have to travel with the mask. */
    public boolean changesValues() {
        return pruner instanceof Pruner.SparseGpt;
    }

    /**
     * @throws IllegalArgumentException if rows of that layer are no whole number of groups
     */
    void requireFits(LinearLayer linear) {
        if (sparsity instanceof Sparsity.InGroups groups && linear.in() % groups.size() != 0) {
            throw new IllegalArgumentException(
                    "rows of %d weights of %s cannot be cut into groups of %d"
                            .formatted(linear.in(), linear.module(), groups.size()));
        }
    }
}
