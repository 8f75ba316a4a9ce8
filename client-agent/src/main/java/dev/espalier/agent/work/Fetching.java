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
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Brings the base and the adapter of an assignment to this machine and into memory. */
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
            heartbeat.note(new Progress(Progress.Stage.FETCHING, 1, 2, null, null, null));
            Optional<VersionCache.Held> adapter =
                    version(needed(assignment.adapter()), page, Page.Notes::withAdapter, heartbeat);
            if (adapter.isEmpty()) {
                lease.close();
                return Optional.empty();
            }
            try (VersionCache.Held held = adapter.get()) {
                return Optional.of(ready(assignment, lease, held));
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    private static <T> T needed(@Nullable T part) {
        if (part == null) {
            throw new CannotDoException("this agent does no work without an adapter yet");
        }
        return part;
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

    private static Fetched ready(
            Assignment assignment, BaseModels.Lease base, VersionCache.Held adapter)
            throws IOException {
        AdapterSettings settings =
                TaskRules.adapter(
                        needed(assignment.adapterSpec()), assignment.task(), base.structure());
        try {
            AdapterWeights start = PeftFolder.read(adapter.files()).weights();
            base.model().layout(settings).check(start);
            return new Fetched(base, settings, start);
        } catch (ModelRefusedException | IllegalArgumentException misfit) {
            throw new UnusableVersionException(
                    "%s is no adapter of this job's form for %s"
                            .formatted(assignment.adapter(), assignment.base()));
        }
    }
}
