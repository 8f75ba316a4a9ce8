package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.model.OwnAdapters;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.agent.upload.Aggregation;
import dev.espalier.agent.upload.UpdateWriter;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains on the owner's rows and hands the update in. Each part is skipped if the journal says that
 * it was done before a crash.
 */
public final class TrainingWork {

    private static final Logger log = LoggerFactory.getLogger(TrainingWork.class);

    private final AgentName agent;
    private final Fetching fetching;
    private final TrainingSlots slots;
    private final UpdateWriter writer;
    private final OwnAdapters own;
    private final Aggregation aggregation;
    private final Patience patience;
    private final Duration checkpointEvery;
    private final LongSupplier nanoTime;

    public TrainingWork(
            AgentName agent,
            Fetching fetching,
            TrainingSlots slots,
            UpdateWriter writer,
            OwnAdapters own,
            Aggregation aggregation,
            Patience patience,
            Duration checkpointEvery,
            LongSupplier nanoTime) {
        this.agent = agent;
        this.fetching = fetching;
        this.slots = slots;
        this.writer = writer;
        this.own = own;
        this.aggregation = aggregation;
        this.patience = patience;
        this.checkpointEvery = checkpointEvery;
        this.nanoTime = nanoTime;
    }

    /**
     * @return empty if the work was stopped
     */
    Optional<Outcome> perform(
            Assignment.Train train, PrivateData data, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        refuseUnknownScope(train);
        Optional<Page.Finished> finished = page.finished();
        if (finished.isEmpty()) {
            finished = prepare(train, data, page, heartbeat);
        }
        return finished.isPresent()
                ? handIn(train, page, finished.get(), heartbeat)
                : Optional.empty();
    }

    private static void refuseUnknownScope(Assignment.Train train) {
        if (train.heads() != null) {
            throw new CannotDoException("heads are not pruned by this agent yet; leave them out");
        }
        if (train.scope().heads() != null) {
            throw new CannotDoException(
                    "scope.heads is not supported by this agent yet; give it the whole scope");
        }
        if (train.scope().components() != null) {
            throw new CannotDoException(
                    "scope.components is not supported by this agent yet; give it the whole scope");
        }
    }

    private Optional<Page.Finished> prepare(
            Assignment.Train train, PrivateData data, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        Optional<Fetched> ready = fetching.fetch(train, page, heartbeat);
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        try (Fetched fetched = ready.get()) {
            LocalRows rows =
                    LocalRows.of(
                            train,
                            data,
                            fetched.base(),
                            train.seed(),
                            train.training().maxExamples());
            Optional<LocalTraining.Trained> trained = train(train, fetched, rows, page, heartbeat);
            return trained.isPresent()
                    ? Optional.of(write(train, fetched, rows.size(), trained.get(), page))
                    : Optional.empty();
        }
    }

    private Optional<LocalTraining.Trained> train(
            Assignment.Train train, Fetched fetched, LocalRows rows, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        TrainingSettings settings = TaskRules.training(train.training(), train.seed());
        LocalTraining training =
                new LocalTraining(fetched.model(), settings, rows, page, checkpointEvery, nanoTime);
        heartbeat.note(new Progress(Progress.Stage.TRAINING, 0, 0, null, null, null));
        Optional<TrainingSlots.Slot> slot = slots.take(heartbeat);
        if (slot.isEmpty()) {
            return Optional.empty();
        }
        try (TrainingSlots.Slot _ = slot.get()) {
            return training.run(heartbeat);
        }
    }

    private Page.Finished write(
            Assignment.Train train,
            Fetched fetched,
            int examples,
            LocalTraining.Trained trained,
            Page page)
            throws IOException {
        AdapterLayout layout =
                AdapterLayout.of(fetched.base().structure(), train.adapterSpec(), train.task());
        UpdateManifest manifest =
                new UpdateManifest(
                        UpdateManifest.SCHEMA,
                        train.round(),
                        agent,
                        train.adapter(),
                        train.scope(),
                        null,
                        examples,
                        trained.result().steps(),
                        null,
                        trained.lastEpochLoss(),
                        trained.seconds());
        Digest digest = writer.write(page.update(), layout, trained.result().weights(), manifest);
        own.keep(train.job(), trained.result().weights());
        Page.Finished finished = new Page.Finished(digest, trained.seconds());
        page.write(finished);
        log.info(
                "training done assignment={} examples={} steps={} seconds={}",
                train.id(),
                examples,
                trained.result().steps(),
                "%.1f".formatted(trained.seconds()));
        return finished;
    }

    private Optional<Outcome> handIn(
            Assignment.Train train, Page page, Page.Finished finished, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        heartbeat.note(new Progress(Progress.Stage.UPLOADING, 0, 0, null, null, null));
        Stopwatch watch = new Stopwatch(nanoTime);
        Optional<Boolean> taken =
                patience.insist(
                        "upload",
                        heartbeat::isStopped,
                        () -> {
                            aggregation.handIn(
                                    train.round(),
                                    agent,
                                    train.uploadToken(),
                                    page.update(),
                                    finished.digest());
                            return true;
                        });
        return taken.map(done ->
                new Outcome.Trained(
                        finished.digest(),
                        page.notes().bytesDown(),
                        finished.trainSeconds(),
                        watch.seconds(),
                        Cost.NONE));
    }
}
