package dev.espalier.lm.prune;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.cost.PruningCost;
import java.util.SortedSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One pruning of one model, from its first layer to the last that is pruned. */
final class PruningRun {

    private final BaseModel base;
    private final PruningSettings settings;
    private final StatisticsSource statistics;
    private final SortedSet<Integer> layers;
    private final Consumer<PrunedMatrix> taker;
    private final PruningProgress.Listener listener;

    private int layersDone;
    private int matrices;
    private long weights;
    private long dropped;

    /**
     * @param layers that are pruned
     */
    PruningRun(
            BaseModel base,
            PruningSettings settings,
            StatisticsSource statistics,
            SortedSet<Integer> layers,
            Consumer<PrunedMatrix> taker,
            PruningProgress.Listener listener) {
        this.base = base;
        this.settings = settings;
        this.statistics = statistics;
        this.layers = layers;
        this.taker = taker;
        this.listener = listener;
    }

    PruningOutcome go(CalibrationWalk walk, PruningCost cost, BooleanSupplier stop) {
        while (layersDone < end()) {
            try (LayerPruning layer =
                    new LayerPruning(base, base.family().layerLinears(layersDone), statistics)) {
                if (!through(layer, walk, stop)) {
                    return new PruningOutcome.Stopped(matrices);
                }
            }
            layersDone++;
            report();
        }
        return new PruningOutcome.Finished(matrices, weights, dropped, cost);
    }

    private boolean through(LayerPruning layer, CalibrationWalk walk, BooleanSupplier stop) {
        if (layers.contains(layersDone) && !layer.prune(settings, walk, this::took, stop)) {
            return false;
        }
        boolean last = layersDone == end() - 1; // nobody asks what leaves it
        return last || walk.advance(layer::linears, stop);
    }

    private void took(PrunedMatrix matrix) {
        matrices++;
        weights += matrix.mask().elements();
        dropped += matrix.dropped();
        taker.accept(matrix);
        report();
    }

    private int end() {
        return layers.isEmpty() ? 0 : layers.last() + 1;
    }

    private void report() {
        int all = layers.stream().mapToInt(l -> base.family().layerLinears(l).size()).sum();
        listener.onProgress(new PruningProgress(layersDone, end(), matrices, all));
    }
}
