package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Linears;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Calibration texts on their way through a model, all of them a layer at a time: what entered a
 * layer is forgotten when what enters the next is known.
 *
 * <p>Holds {@code tokens · hidden} numbers for all texts and, in a decoder that asks an encoder,
 * what the encoder made of them; besides these what one batch needs in one layer. Belongs to one
 * thread.
 */
final class CalibrationWalk implements AutoCloseable {

    private final NDManager manager;
    private final List<TravellingBatch> batches;
    private int layer;

    CalibrationWalk(BaseModel base, List<CalibrationBatch> texts) {
        manager = base.weights().manager().newSubManager();
        batches = texts.stream().map(batch -> new TravellingBatch(base, manager, batch)).toList();
    }

    /**
     * Runs the layer that the texts have come to, and leaves them where they are.
     *
     * @param linears the layer's linear layers, for one batch
     * @return whether all went through: false if it was stopped
     */
    boolean look(Supplier<Linears> linears, BooleanSupplier stop) {
        return run(linears, stop, (_, _) -> {});
    }

    /** As {@link #look}, and goes on to the next layer. */
    boolean advance(Supplier<Linears> linears, BooleanSupplier stop) {
        boolean through = run(linears, stop, TravellingBatch::arrive);
        layer++;
        return through;
    }

    private boolean run(
            Supplier<Linears> linears,
            BooleanSupplier stop,
            BiConsumer<TravellingBatch, NDArray> behind) {
        for (TravellingBatch batch : batches) {
            if (stop.getAsBoolean()) {
                return false;
            }
            try (Workspace workspace = new Workspace(manager)) {
                behind.accept(batch, batch.through(layer, linears.get(), workspace));
            }
        }
        return true;
    }

    @Override
    public void close() {
        manager.close();
    }
}
