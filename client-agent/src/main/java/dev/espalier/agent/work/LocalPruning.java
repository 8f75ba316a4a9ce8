package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.model.BaseModels;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.lm.prune.Calibration;
import dev.espalier.lm.prune.LayerwisePruning;
import dev.espalier.lm.prune.PrunedMatrix;
import dev.espalier.lm.prune.PruningOutcome;
import dev.espalier.lm.prune.PruningProgress;
import dev.espalier.lm.prune.PruningSettings;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Progress;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What one agent computes in a round that prunes: draws calibration rows by the assignment's seed
 * and prunes the plan's layers one after the other. Nothing is left to chance, so that after a
 * crash it ends in the same matrices.
 */
final class LocalPruning {

    private final Assignment.Prune prune;
    private final PruningSettings settings;
    private final SortedSet<Integer> layers;
    private final PrivateData data;
    private final BaseModels.Lease base;
    private final LongSupplier nanoTime;

    /**
     * @param base that is in use for as long as this runs
     * @throws CannotDoException if the plan cannot be followed on that base
     */
    LocalPruning(
            Assignment.Prune prune,
            PruningSettings settings,
            PrivateData data,
            BaseModels.Lease base,
            LongSupplier nanoTime) {
        this.prune = prune;
        this.settings = settings;
        this.layers = PruneRules.layers(prune.plan(), settings, base);
        this.data = data;
        this.base = base;
        this.nanoTime = nanoTime;
    }

    /**
     * @param samples texts, pairs or windows that were read; 0 where the pruner reads none
     * @param seconds of forward passes and choosing
     */
    record Done(int samples, long weights, long dropped, double seconds, Cost cost) {}

    /** What the pruner reads, and how much it is. */
    private record Drawn(Calibration calibration, int samples) {}

    /**
     * @param matrices is given every matrix as soon as it is done
     * @return empty if the work was stopped
     * @throws InterruptedException the agent is being shut down
     * @throws CannotDoException if what enters a layer is no finite number
     */
    Optional<Done> run(Consumer<PrunedMatrix> matrices, Heartbeat heartbeat)
            throws InterruptedException {
        Drawn drawn = drawn();
        int together = LocalRows.together(TaskRules.encoding(prune, base).maxLength());
        Stopwatch watch = new Stopwatch(nanoTime);
        PruningOutcome outcome =
                pruned(
                        new LayerwisePruning(base.model(), settings, together),
                        drawn.calibration(),
                        matrices,
                        progress -> heartbeat.note(told(progress, watch)),
                        heartbeat);
        if (Thread.interrupted()) {
            throw new InterruptedException("shutting down");
        }
        return outcome instanceof PruningOutcome.Finished finished
                ? Optional.of(done(drawn.samples(), finished, watch.seconds()))
                : Optional.empty();
    }

    private Drawn drawn() {
        if (!settings.readsTexts()) {
            return new Drawn(Calibration.none(), 0);
        }
        Integer most = prune.plan().settings().calibrationSamples();
        LocalRows rows = LocalRows.of(prune, data, base, prune.seed(), most);
        return new Drawn(rows.calibration(), rows.size());
    }

    private PruningOutcome pruned(
            LayerwisePruning pruning,
            Calibration calibration,
            Consumer<PrunedMatrix> matrices,
            PruningProgress.Listener listener,
            Heartbeat heartbeat) {
        try {
            return pruning.prune(
                    calibration,
                    layers,
                    matrices,
                    listener,
                    () -> heartbeat.isStopped() || Thread.currentThread().isInterrupted());
        } catch (ArithmeticException noNumber) {
            throw new CannotDoException(String.valueOf(noNumber.getMessage()));
        }
    }

    private static Progress told(PruningProgress progress, Stopwatch watch) {
        int done = progress.layers() + progress.matrices();
        int all = progress.ofLayers() + progress.ofMatrices();
        return new Progress(
                Progress.Stage.PRUNING,
                done,
                all,
                null,
                null,
                done > 0 ? watch.seconds() / done * (all - done) : null);
    }

    private static Done done(int samples, PruningOutcome.Finished finished, double seconds) {
        return new Done(
                samples,
                finished.weights(),
                finished.dropped(),
                seconds,
                new Cost(finished.cost().total(), 0, 0, 0));
    }
}
