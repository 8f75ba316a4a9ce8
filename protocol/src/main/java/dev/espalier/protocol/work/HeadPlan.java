package dev.espalier.protocol.work;

import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.update.HeadAllowance;
import java.math.BigDecimal;

/**
 * Asks a client to score its attention heads, keep the best and train only what belongs to them.
 *
 * @param sparsity of this round
 * @param settings how to score and rank; its own sparsity is that of the job's end
 * @param allowance how many heads may be kept, and which have to
 */
public record HeadPlan(BigDecimal sparsity, HeadPruningSpec settings, HeadAllowance allowance) {}
