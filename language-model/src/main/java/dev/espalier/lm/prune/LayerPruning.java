package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.Linears;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One layer of a model, which the calibration texts have come to. */
final class LayerPruning implements AutoCloseable {

    private final BaseModel base;
    private final List<LinearLayer> linears;
    private final StatisticsSource source;
    private final NDManager manager;

    /** W of linear layers that were pruned, as stored. */
    private final Map<String, NDArray> sparse = new HashMap<>();

    LayerPruning(BaseModel base, List<LinearLayer> linears, StatisticsSource source) {
        this.base = base;
        this.linears = linears;
        this.source = source;
        manager = base.weights().manager().newSubManager();
    }

    /** The linear layers as they are now, for one pass. */
    Linears linears() {
        return Linears.frozen(base.weights(), base.structure(), sparse);
    }

    /**
     * Prunes every linear layer of it.
     *
     * @param walk whose texts are before this layer; not run where the pruner reads no text
     * @return false if it was stopped
     */
    boolean prune(
            PruningSettings settings,
            CalibrationWalk walk,
            Consumer<PrunedMatrix> taker,
            BooleanSupplier stop) {
        if (settings.pruner() instanceof Pruner.Magnitude) {
            MatrixPruning magnitude = new MagnitudePruning(settings.sparsity(), settings.rule());
            return prune(linears, magnitude, taker, stop);
        }
        try (LayerStatistics seen =
                new LayerStatistics(linears, linear -> source.of(linear, manager))) {
            if (!walk.look(() -> seen.watched(linears()), stop)) {
                return false;
            }
            return seen.shared().stream()
                    .allMatch(shared ->
                            !stop.getAsBoolean()
                                    && prune(shared.linears(), shared.pruning(), taker, stop));
        }
    }

    private boolean prune(
            List<LinearLayer> alike,
            MatrixPruning pruning,
            Consumer<PrunedMatrix> taker,
            BooleanSupplier stop) {
        for (LinearLayer linear : alike) {
            if (stop.getAsBoolean()) {
                return false;
            }
            float[] dense = base.weights().floats(linear.weight());
            String name = base.weights().storedName(linear.weight());
            PrunedMatrix pruned =
                    PrunedMatrix.of(linear, name, pruning.prune(WeightMatrix.of(linear, dense)));
            sparse.put(linear.module(), array(linear, pruned.appliedTo(dense)));
            taker.accept(pruned);
        }
        return true;
    }

    private NDArray array(LinearLayer linear, float[] stored) {
        Shape shape = new Shape(linear.weightShape().toArray());
        return NativeValues.create(manager, shape, base.weights().precision(), stored);
    }

    /** Frees the pruned weights. */
    @Override
    public void close() {
        manager.close();
    }
}
