package dev.espalier.local.demo;

import dev.espalier.local.platform.EventFeed;
import dev.espalier.local.platform.Orchestrator;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/** Follows a job by its event stream until it has ended; a broken stream is taken up again. */
final class JobWatch {

    private static final Duration BEFORE_NEXT_TRY = Duration.ofSeconds(1);
    private static final int TRIES = 60;

    private final Orchestrator orchestrator;
    private final Sleeper sleeper;

    JobWatch(Orchestrator orchestrator, Sleeper sleeper) {
        this.orchestrator = orchestrator;
        this.sleeper = sleeper;
    }

    /** Hears of every event, and how the whole job stands behind it. */
    @FunctionalInterface
    interface Listener {

        void happened(JobEvent event, JobView job, List<RoundView> rounds);
    }

    /**
     * The job as it ended.
     *
     * @throws IOException if the orchestrator stays away for a minute
     */
    JobView follow(JobId id, Listener listener) throws IOException, InterruptedException {
        EventFeed feed = orchestrator.events(id);
        for (int failed = 0; ; ) {
            try {
                feed.read(event -> hand(id, event, listener));
                JobView job = orchestrator.job(id);
                if (job.state().isFinal()) {
                    return job;
                }
                failed = 0;
            } catch (IOException broken) {
                if (++failed >= TRIES) {
                    throw broken;
                }
            }
            sleeper.sleep(BEFORE_NEXT_TRY);
        }
    }

    private void hand(JobId id, JobEvent event, Listener listener) {
        try {
            listener.happened(event, orchestrator.job(id), orchestrator.rounds(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }
}
