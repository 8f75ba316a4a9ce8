package dev.espalier.lm.prune;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of one matrix, knowing already what the pruner wanted to know. */
@FunctionalInterface
interface MatrixPruning {

    /**
     * What became of a matrix.
     *
     * @param dropped places in the matrix's row order
     * @param changed the matrix with new values, zero where dropped; null where kept ones stay
     */
    record Result(BitSet dropped, @Nullable WeightMatrix changed) {}

    Result prune(WeightMatrix w);
}
