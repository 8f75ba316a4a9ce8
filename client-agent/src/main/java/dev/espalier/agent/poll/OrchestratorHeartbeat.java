package dev.espalier.agent.poll;

import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.agent.neighbour.UnavailableException;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Progress;
import dev.espalier.transfer.Sleeper;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the orchestrator every few seconds how far one assignment is, on a thread of its own, and
 * remembers if it said stop.
 */
final class OrchestratorHeartbeat implements Heartbeat {

    private static final Logger log = LoggerFactory.getLogger(OrchestratorHeartbeat.class);

    private final Orchestrator orchestrator;
    private final AssignmentId assignment;
    private volatile Progress latest =
            new Progress(Progress.Stage.FETCHING, 0, 0, null, null, null);
    private volatile boolean stopped;

    OrchestratorHeartbeat(Orchestrator orchestrator, AssignmentId assignment) {
        this.orchestrator = orchestrator;
        this.assignment = assignment;
    }

    /** A heart that beats until it is closed. */
    interface Beating extends AutoCloseable {

        @Override
        void close();
    }

    Beating startBeating(Duration every, Sleeper sleeper) {
        Thread thread =
                Thread.ofVirtual()
                        .name("heartbeat-" + assignment)
                        .start(() -> beatUntilInterrupted(every, sleeper));
        return thread::interrupt;
    }

    @Override
    public void note(Progress progress) {
        latest = progress;
    }

    @Override
    public boolean isStopped() {
        return stopped;
    }

    private void beatUntilInterrupted(Duration every, Sleeper sleeper) {
        try {
            while (!stopped && !Thread.interrupted()) {
                beat();
                sleeper.sleep(every);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says it once. An orchestrator that does not answer is no reason to stop. */
    void beat() {
        try {
            Directive directive = orchestrator.progress(assignment, latest);
            if (directive.action() == Directive.Action.STOP) {
                stop(String.valueOf(directive.reason()));
            }
        } catch (RefusedException refused) {
            stop(String.valueOf(refused.problem().title()));
        } catch (UnavailableException unavailable) {
            log.debug("heartbeat lost assignment={}", assignment);
        }
    }

    private void stop(String reason) {
        stopped = true;
        log.info("assignment stopped assignment={} reason={}", assignment, reason);
    }
}
