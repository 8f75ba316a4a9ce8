package dev.espalier.agent.work;

import dev.espalier.lm.adapter.AdapterLayout;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.protocol.job.HeadPruningSpec;

/**
 * What of a model a round trains: everything, or what belongs to the kept heads. Where heads are
 * removed it owns a smaller model, which takes its memory along when it is closed; the shared base
 * stays as it is.
 */
final class TrainedPart implements AutoCloseable {

    private final ReadyModel model;
    private final AdapterPart trained;
    private final AdapterPart ofReceived;
    private final AdapterWeights received;
    private final Runnable close;

    private TrainedPart(
            ReadyModel model,
            AdapterPart trained,
            AdapterPart ofReceived,
            AdapterWeights received,
            Runnable close) {
        this.model = model;
        this.trained = trained;
        this.ofReceived = ofReceived;
        this.received = received;
        this.close = close;
    }

    /** All of it. */
    static TrainedPart everything(ReadyModel received) {
        AdapterPart whole = AdapterPart.whole();
        return new TrainedPart(received, whole, whole, received.weights(), () -> {});
    }

    /**
     * What belongs to these heads, the rest taken out or left in the forward pass.
     *
     * @throws CannotDoException if nothing of the adapter belongs to them
     */
    static TrainedPart of(ReadyModel received, HeadMask kept, HeadPruningSpec.Mode mode) {
        ModelHeads heads = ModelHeads.kept(received.base().structure(), kept);
        AdapterPart part = new AdapterLayout(heads, received.adapter()).part();
        if (received.weights().names().stream().allMatch(name -> part.of(name).isEmpty())) {
            throw new CannotDoException(
                    "no target module of the adapter belongs to a block that keeps heads;"
                            + " prune fewer, or adapt more modules");
        }
        return switch (mode) {
            case REMOVE -> removed(received, kept, part);
            case FREEZE ->
                    new TrainedPart(
                            received, part, AdapterPart.whole(), received.weights(), () -> {});
        };
    }

    private static TrainedPart removed(ReadyModel received, HeadMask kept, AdapterPart part) {
        BaseModel smaller = received.base().keeping(kept);
        ReadyModel left =
                new ReadyModel(smaller, received.adapter(), part.taken(received.weights()));
        return new TrainedPart(left, AdapterPart.whole(), part, received.weights(), smaller::close);
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
        return ofReceived.put(received, values);
    }

    @Override
    public void close() {
        close.run();
    }
}
