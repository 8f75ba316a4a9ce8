package dev.espalier.lm.cost;

import dev.espalier.lm.adapter.AdapterLayout;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.family.ModelHeads;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What the computing of a round costs in multiply-accumulate operations, summed over its batches as
 * they were padded. Three figures that must not be mixed up (algorithms.md A.7).
 *
 * <p>Ours, since A.7 knows no frozen layers: those below the lowest in which anything is trained
 * are run forward only. Where their states are kept, steps do not run them at all, and the one pass
 * that made the states counts as a dense pass before training, with those that scored heads.
 *
 * @param macs training of the whole model, forward and backward; see {@link ModelCost} for what
 *     counts
 * @param attentionMacs the part of it that attention blocks take
 * @param attentionMacsDenseOutput the same, were output layers multiplied as a whole
 * @param scoringMacs forward passes before training: those that scored heads, with the model that
 *     has all, and those that made states to keep; not in the others
 */
public record RunCost(
        long macs, long attentionMacs, long attentionMacsDenseOutput, long scoringMacs) {

    private static final RunCost NONE = new RunCost(0, 0, 0, 0);

    /**
     * @param heads that were trained with
     * @param trained what of their adapter was trained
     * @param training the batches of every step
     * @param scoring batches of the passes that scored heads; empty if there were none
     */
    public static RunCost of(
            ModelHeads heads,
            AdapterSettings adapter,
            AdapterPart trained,
            RunBatches training,
            List<BatchShape> scoring) {
        ModelCost model = ModelCost.of(heads, adapter, trained);
        ModelCost dense = ModelCost.of(ModelHeads.all(heads.whole()), adapter);
        List<String> frozen =
                model.below(new AdapterLayout(heads, adapter).trainedModules(trained));
        List<String> first = new ArrayList<>(frozen);
        first.retainAll(model.firstStack());
        List<String> second = new ArrayList<>(frozen);
        second.removeAll(first);
        Function<BatchShape, RunCost> whole = batch -> step(model, batch, frozen, frozen);
        Function<BatchShape, RunCost> entered = batch -> step(model, batch, frozen, second);
        return sum(training.whole(), whole)
                .plus(sum(training.entered(), entered))
                .plus(sum(training.prepared(), text -> before(model.of(text, first))))
                .plus(sum(scoring, batch -> before(dense.of(batch))));
    }

    /**
     * @param frozen layers that are not run backward
     * @param run those of them that are run forward
     */
    private static RunCost step(
            ModelCost model, BatchShape batch, List<String> frozen, List<String> run) {
        List<String> learning = new ArrayList<>(model.layers());
        learning.removeAll(frozen);
        Macs forward = model.of(batch, run);
        Macs training = model.of(batch, learning);
        Macs wholeOutput = model.withWholeOutput(batch, learning);
        return new RunCost(
                forward.forward() + training.training(),
                forward.attentionForward() + training.attentionTraining(),
                model.withWholeOutput(batch, run).attentionForward()
                        + wholeOutput.attentionTraining(),
                0);
    }

    private static RunCost before(Macs macs) {
        return new RunCost(0, 0, 0, macs.forward());
    }

    private static RunCost sum(List<BatchShape> batches, Function<BatchShape, RunCost> cost) {
        return batches.stream().map(cost).reduce(NONE, RunCost::plus);
    }

    /** Everything: training and what went before it. */
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
