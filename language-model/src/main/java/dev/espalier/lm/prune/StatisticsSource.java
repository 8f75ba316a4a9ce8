package dev.espalier.lm.prune;

import ai.djl.ndarray.NDManager;
import dev.espalier.lm.family.LinearLayer;

/** Where what is known of the inputs of linear layers comes from. */
@FunctionalInterface
interface StatisticsSource {

    /**
     * Nothing is known yet.
     *
     * @param linear the first layer that reads these inputs
     * @param manager what to hang native memory on
     */
    InputStatistics of(LinearLayer linear, NDManager manager);

    /** What the settings' pruner wants to know. */
    static StatisticsSource of(PruningSettings settings) {
        Sparsity sparsity = settings.sparsity();
        return switch (settings.pruner()) {
            case Pruner.Magnitude _ ->
                    (linear, _) -> {
                        throw new IllegalStateException("nobody asks what enters " + linear);
                    };
            case Pruner.Wanda _ ->
                    (linear, manager) -> new ColumnNorms(manager, linear.in(), sparsity);
            case Pruner.SparseGpt own ->
                    (linear, manager) ->
                            new Hessian(manager, linear.in(), own, sparsity, settings.rule());
        };
    }
}
