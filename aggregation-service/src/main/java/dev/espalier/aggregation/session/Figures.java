package dev.espalier.aggregation.session;

import dev.espalier.aggregation.combine.KeptHeads;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted update says of itself, and what was measured on it.
 *
 * @param examples the client's training examples n_k
 * @param lossBefore nats, of the parent on the client's data
 * @param lossAfter nats, mean training loss of the last local epoch
 * @param trainSeconds or those in which it pruned
 * @param changeNorm L2 norm of the change against the parent; absent of a pruning
 * @param bytesUp values, masks and scalars (algorithms.md D.6)
 * @param taskHeadBytesUp the part of it that is the task head
 * @param wireBytesUp size of the file
 * @param heads absent where no heads were pruned
 * @param keptComponents over all modules; absent where it was to hold all, in f32
 * @param quantisationError as the client said it; absent where nothing was quantised
 * @param pruned absent where an adapter was trained
 */
public record Figures(
        long examples,
        int steps,
        @Nullable Double lossBefore,
        @Nullable Double lossAfter,
        double trainSeconds,
        @Nullable Double changeNorm,
        long bytesUp,
        long taskHeadBytesUp,
        long wireBytesUp,
        @Nullable KeptHeads heads,
        @Nullable Integer keptComponents,
        @Nullable Double quantisationError,
        @Nullable Pruned pruned) {

    /**
     * What was pruned.
     *
     * @param layers how many
     * @param sparsity of their matrices, all together
     */
    public record Pruned(int layers, double sparsity) {}
}
