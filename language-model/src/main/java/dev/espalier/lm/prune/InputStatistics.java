package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;

/** What a pruner has to know of everything that enters some linear layers. Belongs to one layer. */
interface InputStatistics extends AutoCloseable {

    /**
     * @param x [sequences, tokens, in], no padding
     */
    void add(NDArray x);

    /**
     * Takes what was added to bits: nothing may be added after this.
     *
     * @return what prunes every matrix that reads these inputs
     * @throws ArithmeticException if the inputs are not finite
     */
    MatrixPruning pruning();

    /** Frees the engine's memory. */
    @Override
    void close();
}
