package dev.espalier.orchestrator.heads;

import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * How many heads are kept (algorithms.md A.3 step 4, inferred): {@code T - floor(sparsity * T)}, at
 * least one, in decimal; where blocks are ranked one by one, of each block.
 */
public final class HeadBudget {

    /** More decimals than any sparsity of a round has; {@code 1E-600000000} would never end. */
    private static final int MOST_DECIMALS = 64;

    private HeadBudget() {}

    /** Heads of the whole model that a client keeps at this sparsity. */
    public static int of(
            ModelStructure structure, HeadPruningSpec.Ranking ranking, BigDecimal sparsity) {
        return switch (ranking) {
            case GLOBAL, TOP_BLOCKS -> kept(structure.heads(), sparsity);
            case PER_BLOCK ->
                    structure.attentionBlocks().stream()
                            .mapToInt(AttentionBlock::heads)
                            .map(heads -> kept(heads, sparsity))
                            .sum();
        };
    }

    static int kept(int heads, BigDecimal sparsity) {
        if (sparsity.scale() > MOST_DECIMALS) {
            throw new IllegalArgumentException(
                    "a sparsity has at most %d decimals, not %d"
                            .formatted(MOST_DECIMALS, sparsity.scale()));
        }
        int pruned =
                sparsity.multiply(BigDecimal.valueOf(heads))
                        .setScale(0, RoundingMode.FLOOR)
                        .intValueExact();
        return Math.max(1, heads - pruned);
    }
}
