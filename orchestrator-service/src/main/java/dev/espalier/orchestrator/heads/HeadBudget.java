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
        int pruned =
                sparsity.multiply(BigDecimal.valueOf(heads))
                        .setScale(0, RoundingMode.FLOOR)
                        .intValueExact();
        return Math.max(1, heads - pruned);
    }
}
