package dev.espalier.agent.work;

import dev.espalier.agent.journal.Page;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.agent.upload.Aggregation;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Brings finished updates of one agent to the aggregation service. */
public final class HandingIn {

    private final AgentName agent;
    private final Aggregation aggregation;
    private final Patience patience;
    private final LongSupplier nanoTime;

    public HandingIn(
            AgentName agent, Aggregation aggregation, Patience patience, LongSupplier nanoTime) {
        this.agent = agent;
        this.aggregation = aggregation;
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    /**
     * Until it is taken; the same file again is free.
     *
     * @param token from the assignment
     * @return how many seconds it took; empty if the work was stopped
     * @throws dev.espalier.agent.neighbour.RefusedException the update does not count, and why
     */
    Optional<Double> handIn(
            RoundId round, String token, Page page, Page.Finished finished, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        heartbeat.note(new Progress(Progress.Stage.UPLOADING, 0, 0, null, null, null));
        Stopwatch watch = new Stopwatch(nanoTime);
        return patience.insist(
                        "upload",
                        heartbeat::isStopped,
                        () -> {
                            aggregation.handIn(
                                    round, agent, token, page.update(), finished.digest());
                            return true;
                        })
                .map(_ -> watch.seconds());
    }
}
