package dev.espalier.agent.work;

import dev.espalier.agent.journal.Page;
import dev.espalier.agent.model.BaseModels;
import dev.espalier.agent.model.DownloadBook;
import dev.espalier.agent.model.UnusableVersionException;
import dev.espalier.agent.model.VersionCache;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.Optional;

/** Brings the base of an assignment, and its adapter if it names one, into memory. */
public final class Fetching {

    private final VersionCache cache;
    private final BaseModels models;
    private final DownloadBook book;
    private final Patience patience;

    /**
     * @param book of the agent it fetches for; cache and models are shared
     */
    public Fetching(VersionCache cache, BaseModels models, DownloadBook book, Patience patience) {
        this.cache = cache;
        this.models = models;
        this.book = book;
        this.patience = patience;
    }

    /**
     * @param page remembers how many bytes came
     * @return empty if the work was stopped meanwhile
     */
    Optional<Fetched> fetch(Assignment assignment, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        heartbeat.note(new Progress(Progress.Stage.FETCHING, 0, 2, null, null, null));
        Optional<VersionCache.Held> base =
                version(assignment.base(), page, Page.Notes::withBase, heartbeat);
        if (base.isEmpty()) {
            return Optional.empty();
        }
        BaseModels.Lease lease = models.acquire(base.get());
        try {
            TaskRules.requireFit(assignment.task(), lease.model());
            Optional<AnyModel> model = model(assignment, lease, page, heartbeat);
            if (model.isEmpty()) {
                lease.close();
            }
            return model.map(found -> new Fetched(lease, found));
        } catch (IOException | InterruptedException | RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    private Optional<AnyModel> model(
            Assignment assignment, BaseModels.Lease base, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        VersionRef named = assignment.adapter();
        if (named == null) {
            return Optional.of(new AnyModel.Bare(base.model()));
        }
        AdapterSpec form = assignment.adapterSpec();
        if (form == null) {
            throw new CannotDoException("adapterSpec is missing");
        }
        heartbeat.note(new Progress(Progress.Stage.FETCHING, 1, 2, null, null, null));
        Optional<VersionCache.Held> adapter =
                version(named, page, Page.Notes::withAdapter, heartbeat);
        if (adapter.isEmpty()) {
            return Optional.empty();
        }
        try (VersionCache.Held held = adapter.get()) {
            AdapterSettings settings = TaskRules.adapter(form, assignment.task(), base.structure());
            return Optional.of(ready(assignment, settings, base.model(), held));
        }
    }

    /** Notes what came. */
    private interface Noting {

        Page.Notes with(Page.Notes notes, long bytes);
    }

    private Optional<VersionCache.Held> version(
            VersionRef version, Page page, Noting noting, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        Optional<VersionCache.Held> held =
                patience.insist("fetch", heartbeat::isStopped, () -> cache.fetch(version));
        if (held.isPresent()) {
            long fresh = book.enter(held.get().manifest());
            long came = Math.max(fresh, held.get().bytesFetched());
            page.write(noting.with(page.notes(), came));
        }
        return held;
    }

    private static ReadyModel ready(
            Assignment assignment,
            AdapterSettings settings,
            BaseModel base,
            VersionCache.Held adapter)
            throws IOException {
        try {
            AdapterWeights start = PeftFolder.read(adapter.files()).weights();
            base.layout(settings).check(start);
            return new ReadyModel(base, settings, start);
        } catch (ModelRefusedException | IllegalArgumentException misfit) {
            throw new UnusableVersionException(
                    "%s is no adapter of this job's form for %s"
                            .formatted(assignment.adapter(), assignment.base()));
        }
    }
}
