package dev.espalier.protocol.work;

import dev.espalier.protocol.job.ImportanceSpec;
import org.jspecify.annotations.Nullable;

/**
 * What an agent does with the components that its scope names.
 *
 * @param rank how many of every module it was allotted
 * @param truncated it holds these alone, with the scale of the whole rank; else it holds all and
 *     freezes the others
 * @param measure absent: it does not measure their importance
 */
public record RankPlan(int rank, boolean truncated, @Nullable ImportanceSpec measure) {}
