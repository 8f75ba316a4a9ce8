package dev.espalier.lm.prune;

/**
 * How far a pruning has come.
 *
 * @param layers of the model that are done, those that are only run through too
 * @param ofLayers that have to be done: up to the highest pruned one
 * @param matrices that are done
 * @param ofMatrices that have to be done
 */
public record PruningProgress(int layers, int ofLayers, int matrices, int ofMatrices) {

    /** Hears of a pruning, on the thread that prunes. */
    @FunctionalInterface
    public interface Listener {

        /** After every matrix and after every layer. */
        void onProgress(PruningProgress progress);

        /** Wants to hear nothing. */
        static Listener none() {
            return _ -> {};
        }
    }
}
