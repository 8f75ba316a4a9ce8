package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.model.OwnAdapters;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.agent.upload.Packing;
import dev.espalier.agent.upload.UpdateWriter;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    private final HandingIn handingIn;
    private final Thrift thrift;
    private final LongSupplier nanoTime;

    /**
     * What a training run may cost beside its steps.
     *
     * @param checkpointEvery how much work a crash may cost
     * @param stateBytes memory for what frozen layers make of the rows, so that it is not computed
     *     again; a checkpoint taken with another bound is not gone on from
     */
    public record Thrift(Duration checkpointEvery, long stateBytes) {}

    public TrainingWork(
            AgentName agent,
            Fetching fetching,
            TrainingSlots slots,
            UpdateWriter writer,
            OwnAdapters own,
            HandingIn handingIn,
            Thrift thrift,
            LongSupplier nanoTime) {
        this.agent = agent;
        this.fetching = fetching;
        this.slots = slots;
        this.writer = writer;
        this.own = own;
        this.handingIn = handingIn;
        this.thrift = thrift;
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
        if (train.scope().heads() != null) {
            throw new CannotDoException(
                    "scope.heads is for an agent to say; ask for pruning by the plan 'heads'");
        }
        UploadPlan upload = train.upload();
        if (upload != null && !Packing.understands(upload)) {
            throw new CannotDoException(
                    "the plan 'upload' has either bits, 4, 8, 16 or 32, or a budget of bytes");
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
            LocalRound round = new LocalRound(train, data, fetched, page, nanoTime);
            heartbeat.note(new Progress(round.firstStage(), 0, 0, null, null, null));
            Optional<TrainingSlots.Slot> slot = slots.take(heartbeat);
            if (slot.isEmpty()) {
                return Optional.empty();
            }
            try (TrainingSlots.Slot _ = slot.get()) {
                Optional<LocalRound.Done> done = round.run(thrift, heartbeat);
                return done.isPresent()
                        ? Optional.of(write(train, fetched, done.get(), page))
                        : Optional.empty();
            }
        }
    }

    private Page.Finished write(
            Assignment.Train train, Fetched fetched, LocalRound.Done done, Page page)
            throws IOException {
        AdapterLayout layout =
                AdapterLayout.of(fetched.base().structure(), train.adapterSpec(), train.task());
        Packing packing = packing(train, layout, fetched, done);
        Digest digest =
                writer.write(page.update(), layout, done.adapter(), manifest(train, done, packing));
        own.keep(
                train.job(),
                done.adapter()); // before: what is finished is not redone after a crash
        Page.Finished finished = new Page.Finished(digest, done.seconds(), done.cost());
        page.write(finished);
        log.info(
                "training done assignment={} examples={} steps={} heads={} seconds={}",
                train.id(),
                done.examples(),
                done.steps(),
                done.heads() == null ? "all" : done.heads().count(),
                "%.1f".formatted(done.seconds()));
        return finished;
    }

    private static Packing packing(
            Assignment.Train train, AdapterLayout layout, Fetched fetched, LocalRound.Done done) {
        Page.Heads heads = done.heads();
        Scope trained =
                heads == null ? train.scope() : new Scope(heads.kept(), train.scope().components());
        UploadPlan plan = train.upload();
        if (plan == null) {
            return Packing.exact(trained);
        }
        Packing packing =
                Packing.of(
                        plan, layout, trained, fetched.model().adapted().weights(), done.adapter());
        if (packing.holdsNoComponent() && layout.taskHeadBytes() == 0) {
            throw new CannotDoException(
                    "upload.budgetBytes is too small for even one component at 4 bits");
        }
        return packing;
    }

    private UpdateManifest manifest(Assignment.Train train, LocalRound.Done done, Packing packing) {
        Page.Heads heads = done.heads();
        Map<String, List<Double>> scores = done.componentScores();
        return new UpdateManifest(
                UpdateManifest.SCHEMA,
                train.round(),
                agent,
                train.adapter(),
                packing.scope(),
                heads == null ? null : heads.confidence(),
                scores == null ? null : packing.ofSent(scores, train.scope()),
                packing.quantisation(),
                done.examples(),
                done.steps(),
                null,
                done.lastEpochLoss(),
                done.seconds());
    }

    private Optional<Outcome> handIn(
            Assignment.Train train, Page page, Page.Finished finished, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        Optional<Double> seconds =
                handingIn.handIn(train.round(), train.uploadToken(), page, finished, heartbeat);
        Page.Notes notes = page.notes();
        return seconds.map(taken ->
                new Outcome.Trained(
                        finished.digest(),
                        notes.bytesDown(),
                        notes.baseBytesDown(),
                        finished.seconds(),
                        taken,
                        finished.cost()));
    }
}
