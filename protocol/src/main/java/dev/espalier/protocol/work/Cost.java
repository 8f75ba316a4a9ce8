package dev.espalier.protocol.work;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;

/**
 * Multiply-accumulates of one piece of work by the formulas of algorithms.md A.7; one of them is
 * two operations. The published ratios depend on what is counted, so all counts stand side by side.
 *
 * @param macs training, whole model, all of Q, K, V and O pruned; scoring is not in it. Of a
 *     pruning of weights everything: passes of calibration text, and what SPARSE_GPT solves (C.6);
 *     the other counts are 0 then
 * @param attentionMacs training, attention blocks alone, all of Q, K, V and O pruned
 * @param attentionMacsDenseOutput the same with the output projection kept dense
 * @param scoringMacs forward passes before training: for scoring heads, for losses that a selection
 *     asked for, and the one in which layers below the lowest trained one, where their states are
 *     kept for all epochs, read the texts (ours)
 */
public record Cost(
        @PositiveOrZero @Max(Bounds.MACS) long macs,
        @PositiveOrZero @Max(Bounds.MACS) long attentionMacs,
        @PositiveOrZero @Max(Bounds.MACS) long attentionMacsDenseOutput,
        @PositiveOrZero @Max(Bounds.MACS) long scoringMacs) {

    public static final Cost NONE = new Cost(0, 0, 0, 0);

    /** A sum that would be larger than the largest {@code long} stops there. */
    public Cost plus(Cost other) {
        return new Cost(
                sum(macs, other.macs),
                sum(attentionMacs, other.attentionMacs),
                sum(attentionMacsDenseOutput, other.attentionMacsDenseOutput),
                sum(scoringMacs, other.scoringMacs));
    }

    private static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
