package dev.espalier.orchestrator.event;

import dev.espalier.orchestrator.signal.Bell;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Tells one listener everything that happens to one job, from any point on, until the job has
 * ended, the listener is gone or the process ends.
 */
final class EventStream {

    private static final int BATCH = 200;

    private final JobEvents events;
    private final Bell<JobId> bell;
    private final InstantSource clock;
    private final StreamProperties properties;

    EventStream(
            JobEvents events, Bell<JobId> bell, InstantSource clock, StreamProperties properties) {
        this.events = events;
        this.bell = bell;
        this.clock = clock;
        this.properties = properties;
    }

    /** Where the events go. Either call fails once nobody listens any more. */
    interface Listener {

        void event(JobEvent event) throws IOException;

        void stillHere() throws IOException;
    }

    void follow(JobId job, long after, Listener listener) throws IOException, InterruptedException {
        long last = after;
        Instant quietSince = clock.instant();
        try (Bell<JobId>.Ear ear = bell.listen(job)) {
            while (!bell.isClosed()) {
                List<JobEvent> news = events.after(job, last, BATCH);
                for (JobEvent event : news) {
                    listener.event(event);
                    last = event.sequence();
                    quietSince = clock.instant();
                    if (EventType.isLast(event.type())) {
                        return;
                    }
                }
                if (news.isEmpty()) {
                    quietSince = waitForNews(ear, quietSince, listener);
                }
            }
        }
    }

    private Instant waitForNews(Bell<JobId>.Ear ear, Instant quietSince, Listener listener)
            throws IOException, InterruptedException {
        ear.await(properties.lookEvery());
        Duration quiet = Duration.between(quietSince, clock.instant());
        if (quiet.compareTo(properties.heartbeatEvery()) < 0) {
            return quietSince;
        }
        listener.stillHere();
        return clock.instant();
    }
}
