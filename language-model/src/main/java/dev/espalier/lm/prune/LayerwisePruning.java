package dev.espalier.lm.prune;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.cost.PruningCost;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Prunes the linear layers of a model, a layer of it at a time (algorithms.md C.3 step 3; read:
 * SparseGPT, Wanda).
 *
 * <pre>
 *   x = embeddings of the calibration texts
 *   per layer l, up to the highest that is to be pruned:
 *     if l is to be pruned: see what enters each linear layer while x goes through l as it was;
 *                           prune them; hand them out
 *     x = l(x)              with the pruned weights where there are some
 * </pre>
 *
 * The linear layers inside a model's layers are pruned: never embeddings, heads, poolers, norms or
 * biases. The model itself stays as it is.
 *
 * <p>In memory at a time: the states of all calibration texts, {@code tokens · hidden}; one batch
 * inside one layer; the statistics of one layer, which are {@code in} doubles a matrix for Wanda
 * and {@code in²} for SparseGPT, shared by matrices that read the same, outside Java's heap but for
 * those of the matrix that is worked on; the pruned weights of one layer. Matrices that were handed
 * out are forgotten.
 *
 * <p>Nothing is left to chance: on one kind of processor, at one thread an operation, the same
 * texts in the same order give the same bits. Safe for many threads, each on its own run.
 */
public final class LayerwisePruning {

    private final BaseModel base;
    private final PruningSettings settings;
    private final int batchSize;
    private final StatisticsSource statistics;

    /**
     * @param base with all heads; may have been pruned before
     * @param batchSize texts that are read at a time, 1 or more
     * @throws IllegalArgumentException if the model lost heads
     */
    public LayerwisePruning(BaseModel base, PruningSettings settings, int batchSize) {
        this(base, settings, batchSize, StatisticsSource.of(settings));
    }

    LayerwisePruning(
            BaseModel base, PruningSettings settings, int batchSize, StatisticsSource statistics) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1: " + batchSize);
        }
        if (!base.heads().isWhole()) {
            throw new IllegalArgumentException("a model that lost heads: prune the whole one");
        }
        this.base = base;
        this.settings = settings;
        this.batchSize = batchSize;
        this.statistics = statistics;
    }

    /** All layers of a model, for {@link #prune}. */
    public static SortedSet<Integer> allLayers(BaseModel base) {
        return IntStream.range(0, base.family().layerNames().size())
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Prunes the linear layers of some layers.
     *
     * @param calibration texts for models that read, pairs for those that read and write; {@link
     *     Calibration#none()} is enough for magnitudes
     * @param layers to be pruned, by place in the forward pass from 0, an encoder's before a
     *     decoder's; see {@link dev.espalier.lm.family.ModelFamily#layerNames()}
     * @param pruned is given every matrix as soon as it is done
     * @param stop asked before every batch and every matrix
     * @throws IllegalArgumentException if there is no such layer, a text does not fit the model, or
     *     a matrix the sparsity
     * @throws ArithmeticException if what enters a layer is not finite
     * @throws IllegalStateException on a virtual thread
     */
    public PruningOutcome prune(
            Calibration calibration,
            SortedSet<Integer> layers,
            Consumer<PrunedMatrix> pruned,
            PruningProgress.Listener listener,
            BooleanSupplier stop) {
        SortedSet<Integer> chosen = new TreeSet<>(layers);
        for (int layer : chosen) {
            Objects.checkIndex(layer, base.family().layerNames().size());
            base.family().layerLinears(layer).forEach(settings::requireFits);
        }
        List<CalibrationBatch> texts =
                settings.readsTexts() && !chosen.isEmpty()
                        ? CalibrationBatch.of(base, calibration, batchSize)
                        : List.of();
        PruningCost cost =
                PruningCost.of(
                        base.heads(),
                        chosen,
                        texts.stream().map(CalibrationBatch::shape).toList(),
                        settings.changesValues());
        try (Gradients _ = Gradients.off();
                CalibrationWalk walk = new CalibrationWalk(base, texts)) {
            return new PruningRun(base, settings, statistics, chosen, pruned, listener)
                    .go(walk, cost, stop);
        }
    }
}
