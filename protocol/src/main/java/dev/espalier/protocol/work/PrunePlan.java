package dev.espalier.protocol.work;

import dev.espalier.protocol.job.WeightPruningSpec;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a client to prune some layers of the base.
 *
 * @param layers by place in the forward pass from 0, ascending
 * @param sparsity of every matrix after this round; absent where {@code settings} has a pattern
 * @param settings how to prune; its own sparsity is that of the phase's end
 */
public record PrunePlan(
        List<Integer> layers, @Nullable BigDecimal sparsity, WeightPruningSpec settings) {

    public PrunePlan {
        layers = List.copyOf(layers);
    }
}
