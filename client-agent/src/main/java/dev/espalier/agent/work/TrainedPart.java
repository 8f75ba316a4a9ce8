package dev.espalier.agent.work;

import dev.espalier.lm.adapter.AdapterLayout;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.protocol.job.HeadPruningSpec;
import org.jspecify.annotations.Nullable;

/**
 * What of a model a round trains: everything, or what belongs to some heads and some rank-1
 * components. Where heads are removed it owns a smaller model, which takes its memory along when it
 * is closed; the shared base stays as it is. Where components are truncated its adapter has a lower
 * rank, at the scale of the whole one.
 */
final class TrainedPart implements AutoCloseable {

    private static final AdapterPart WHOLE = AdapterPart.whole();

    private final ReadyModel model;
    private final AdapterPart trained;
    private final AdapterPart held;
    private final AdapterWeights received;
    private final Runnable close;

    private TrainedPart(
            ReadyModel model,
            AdapterPart trained,
            AdapterPart held,
            AdapterWeights received,
            Runnable close) {
        this.model = model;
        this.trained = trained;
        this.held = held;
        this.received = received;
        this.close = close;
    }

    /** The heads that are kept, and what becomes of the others. */
    record Heads(HeadMask kept, HeadPruningSpec.Mode mode) {

        boolean areRemoved() {
            return mode == HeadPruningSpec.Mode.REMOVE;
        }
    }

    /**
     * What belongs to these heads and these components, cells where both are given. The rest is
     * taken out, or it stays in the forward pass and is frozen.
     *
     * @param heads null: all
     * @param components null: all
     * @throws CannotDoException if nothing of the adapter belongs to them
     */
    static TrainedPart of(
            ReadyModel received, @Nullable Heads heads, @Nullable ComponentPlan components) {
        AdapterPart ofHeads = heads == null ? WHOLE : ofHeads(received, heads.kept());
        AdapterPart ofComponents = components == null ? WHOLE : components.part();
        requireAny(received, ofHeads, ofComponents);
        AdapterSettings form =
                components != null && components.truncated()
                        ? received.adapter().truncated(components.rank())
                        : received.adapter();
        BaseModel base =
                heads != null && heads.areRemoved()
                        ? received.base().keeping(heads.kept())
                        : received.base();
        boolean removed = base != received.base();
        boolean truncated = components != null && components.truncated();
        AdapterPart held = (removed ? ofHeads : WHOLE).and(truncated ? ofComponents : WHOLE);
        AdapterPart trained = (removed ? WHOLE : ofHeads).and(truncated ? WHOLE : ofComponents);
        return new TrainedPart(
                new ReadyModel(base, form, held.taken(received.weights())),
                trained,
                held,
                received.weights(),
                removed ? base::close : () -> {});
    }

    private static AdapterPart ofHeads(ReadyModel received, HeadMask kept) {
        ModelHeads heads = ModelHeads.kept(received.base().structure(), kept);
        return new AdapterLayout(heads, received.adapter()).part();
    }

    private static void requireAny(
            ReadyModel received, AdapterPart ofHeads, AdapterPart ofComponents) {
        if (isNothing(received, ofHeads)) {
            throw new CannotDoException(
                    "no target module of the adapter belongs to a block that keeps heads;"
                            + " prune fewer, or adapt more modules");
        }
        if (isNothing(received, ofHeads.and(ofComponents))) {
            throw new CannotDoException("scope.components leaves nothing to train");
        }
    }

    private static boolean isNothing(ReadyModel received, AdapterPart part) {
        return received.weights().names().stream().allMatch(name -> part.of(name).isEmpty());
    }

    /** What computes. */
    ReadyModel model() {
        return model;
    }

    /** The entries of its adapter that may change. */
    AdapterPart trained() {
        return trained;
    }

    /**
     * The received adapter with what was trained in its place.
     *
     * @param values of the adapter of {@link #model}
     */
    AdapterWeights whole(AdapterWeights values) {
        return held.put(received, values);
    }

    @Override
    public void close() {
        close.run();
    }
}
