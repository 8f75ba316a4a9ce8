package dev.espalier.lm.cost;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.family.ModelHeads;
import java.util.List;

/**
 * What the computing of a round costs in multiply-accumulate operations, summed over its batches as
 * they were padded. Three figures that must not be mixed up (algorithms.md A.7).
 *
 * @param macs training of the whole model, forward and backward; see {@link ModelCost} for what
 *     counts
 * @param attentionMacs the part of it that attention blocks take
 * @param attentionMacsDenseOutput the same, were output layers multiplied as a whole
 * @param scoringMacs forward passes before training, of the model with all heads; not in the others
 */
public record RunCost(
        long macs, long attentionMacs, long attentionMacsDenseOutput, long scoringMacs) {

    /**
     * @param heads that were trained with
     * @param training every batch of every step, as {@code TrainingRun.batches()} tells
     * @param scoring batches of the passes that scored heads; empty if there were none
     */
    public static RunCost of(
            ModelHeads heads,
            AdapterSettings adapter,
            List<BatchShape> training,
            List<BatchShape> scoring) {
        ModelCost pruned = ModelCost.of(heads, adapter);
        ModelCost dense = ModelCost.of(ModelHeads.all(heads.whole()), adapter);
        return new RunCost(
                training.stream().mapToLong(b -> pruned.of(b).training()).sum(),
                training.stream().mapToLong(b -> pruned.of(b).attentionTraining()).sum(),
                training.stream()
                        .mapToLong(b -> pruned.withWholeOutput(b).attentionTraining())
                        .sum(),
                scoring.stream().mapToLong(b -> dense.of(b).forward()).sum());
    }

    /** Everything: training and scoring. */
    public long total() {
        return macs + scoringMacs;
    }

    public RunCost plus(RunCost other) {
        return new RunCost(
                macs + other.macs,
                attentionMacs + other.attentionMacs,
                attentionMacsDenseOutput + other.attentionMacsDenseOutput,
                scoringMacs + other.scoringMacs);
    }
}
