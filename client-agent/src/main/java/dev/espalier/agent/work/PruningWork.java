package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.agent.upload.PruningSpool;
import dev.espalier.agent.upload.UpdateWriter;
import dev.espalier.lm.prune.PruningSettings;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prunes layers of the base on the owner's rows and hands the update in. An update that was
 * finished before a crash is handed in as it is; one that was not is made again from the start, and
 * comes out the same.
 */
public final class PruningWork {

    private static final Logger log = LoggerFactory.getLogger(PruningWork.class);

    private final AgentName agent;
    private final Fetching fetching;
    private final TrainingSlots slots;
    private final UpdateWriter writer;
    private final HandingIn handingIn;
    private final LongSupplier nanoTime;

    public PruningWork(
            AgentName agent,
            Fetching fetching,
            TrainingSlots slots,
            UpdateWriter writer,
            HandingIn handingIn,
            LongSupplier nanoTime) {
        this.agent = agent;
        this.fetching = fetching;
        this.slots = slots;
        this.writer = writer;
        this.handingIn = handingIn;
        this.nanoTime = nanoTime;
    }

    /**
     * @return empty if the work was stopped
     */
    Optional<Outcome> perform(
            Assignment.Prune prune, PrivateData data, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        PruningSettings settings = PruneRules.settings(prune.plan());
        if (data.offer().trainRows() == 0) { // whose mask would mean nothing (algorithms.md D.7)
            throw new CannotDoException("there is no row to prune on");
        }
        Optional<Page.Finished> finished = page.finished();
        if (finished.isEmpty()) {
            finished = prepare(prune, settings, data, page, heartbeat);
        }
        return finished.isPresent()
                ? handIn(prune, page, finished.get(), heartbeat)
                : Optional.empty();
    }

    private Optional<Page.Finished> prepare(
            Assignment.Prune prune,
            PruningSettings settings,
            PrivateData data,
            Page page,
            Heartbeat heartbeat)
            throws IOException, InterruptedException {
        Optional<Fetched> ready = fetching.fetch(prune, page, heartbeat);
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        try (Fetched fetched = ready.get()) {
            LocalPruning pruning =
                    new LocalPruning(prune, settings, data, fetched.base(), nanoTime);
            heartbeat.note(new Progress(Progress.Stage.PRUNING, 0, 0, null, null, null));
            Optional<TrainingSlots.Slot> slot = slots.take(heartbeat);
            if (slot.isEmpty()) {
                return Optional.empty();
            }
            try (TrainingSlots.Slot _ = slot.get();
                    PruningSpool spool = PruningSpool.in(page.spool())) {
                Optional<LocalPruning.Done> done = pruning.run(spool, heartbeat);
                return done.isPresent()
                        ? Optional.of(write(prune, spool, done.get(), data, page))
                        : Optional.empty();
            }
        }
    }

    private Page.Finished write(
            Assignment.Prune prune,
            PruningSpool spool,
            LocalPruning.Done done,
            PrivateData data,
            Page page)
            throws IOException {
        Digest digest = writer.write(page.update(), spool, manifest(prune, done, data));
        Page.Finished finished = new Page.Finished(digest, done.seconds(), done.cost());
        page.write(finished);
        log.info(
                "pruning done assignment={} samples={} layers={} weights={} dropped={} seconds={}",
                prune.id(),
                done.samples(),
                prune.plan().layers().size(),
                done.weights(),
                done.dropped(),
                "%.1f".formatted(done.seconds()));
        return finished;
    }

    private PruningManifest manifest(
            Assignment.Prune prune, LocalPruning.Done done, PrivateData data) {
        return new PruningManifest(
                PruningManifest.SCHEMA,
                prune.round(),
                agent,
                prune.base(),
                Scope.ofLayers(prune.plan().layers()),
                prune.plan().settings().pruner(),
                data.offer().trainRows(),
                done.samples(),
                done.seconds());
    }

    private Optional<Outcome> handIn(
            Assignment.Prune prune, Page page, Page.Finished finished, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        Optional<Double> seconds =
                handingIn.handIn(prune.round(), prune.uploadToken(), page, finished, heartbeat);
        Page.Notes notes = page.notes();
        return seconds.map(taken ->
                new Outcome.Pruned(
                        finished.digest(),
                        notes.bytesDown(),
                        notes.baseBytesDown(),
                        finished.seconds(),
                        taken,
                        finished.cost()));
    }
}
