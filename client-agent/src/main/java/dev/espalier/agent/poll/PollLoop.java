package dev.espalier.agent.poll;

import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent's day: enrol, say what was left unsaid before a crash, ask for work, do it, say how it
 * went, ask again.
 */
public final class PollLoop {

    private static final Logger log = LoggerFactory.getLogger(PollLoop.class);

    private static final Duration AFTER_REMOVAL = Duration.ofSeconds(5);

    private final Orchestrator orchestrator;
    private final Capabilities capabilities;
    private final Work work;
    private final Journal journal;
    private final Patience patience;
    private final Rhythm rhythm;
    private final Sleeper sleeper;

    public PollLoop(
            Orchestrator orchestrator,
            Capabilities capabilities,
            Work work,
            Journal journal,
            Patience patience,
            Rhythm rhythm,
            Sleeper sleeper) {
        this.orchestrator = orchestrator;
        this.capabilities = capabilities;
        this.work = work;
        this.journal = journal;
        this.patience = patience;
        this.rhythm = rhythm;
        this.sleeper = sleeper;
    }

    /**
     * @param longPoll how long a poll may be held back by the orchestrator
     * @param heartbeat how often progress is told
     */
    public record Rhythm(Duration longPoll, Duration heartbeat) {}

    /**
     * Enrols and reports what a crash left unreported.
     *
     * @throws RefusedException the orchestrator does not take this agent
     */
    public void begin() throws IOException, InterruptedException {
        enrol();
        Optional<Journal.Untold> untold = journal.untold();
        if (untold.isPresent()) {
            report(untold.get().assignment(), untold.get().outcome());
            journal.clear();
        }
    }

    /**
     * Asks once, and does what is asked for.
     *
     * @throws RefusedException the orchestrator no longer knows this agent and does not take it
     *     back
     */
    public void turn() throws IOException, InterruptedException {
        try {
            switch (poll()) {
                case Orchestrator.Offer.Work(Assignment assignment) -> perform(assignment);
                case Orchestrator.Offer.Nothing(Duration askAgainAfter) -> {
                    journal.clear(); // whatever it holds, the round is over
                    patience.pause(askAgainAfter);
                }
            }
        } catch (RefusedException refused) {
            if (!refused.is(ProblemType.UNAUTHENTICATED) && !refused.is(ProblemType.NOT_FOUND)) {
                throw refused;
            }
            patience.pause(AFTER_REMOVAL);
            enrol(); // it was removed; its owner decides by leaving it running
        }
    }

    private void enrol() throws IOException, InterruptedException {
        insist(
                "enrolment",
                () -> {
                    orchestrator.enrol(capabilities);
                    return true;
                });
        log.info("agent enrolled");
    }

    private Orchestrator.Offer poll() throws IOException, InterruptedException {
        return insist("poll", () -> orchestrator.poll(capabilities, rhythm.longPoll()));
    }

    private void perform(Assignment assignment) throws IOException, InterruptedException {
        log.info(
                "assignment taken kind={} assignment={} job={} round={}",
                assignment.getClass().getSimpleName(),
                assignment.id(),
                assignment.job(),
                assignment.roundNumber());
        Optional<Outcome> outcome = performWatched(assignment);
        if (outcome.isPresent()) {
            journal.page(assignment.id()).write(outcome.get());
            report(assignment.id(), outcome.get());
        }
        journal.clear();
    }

    private Optional<Outcome> performWatched(Assignment assignment)
            throws IOException, InterruptedException {
        OrchestratorHeartbeat heartbeat = new OrchestratorHeartbeat(orchestrator, assignment.id());
        try (OrchestratorHeartbeat.Beating _ =
                heartbeat.startBeating(rhythm.heartbeat(), sleeper)) {
            return work.perform(assignment, heartbeat);
        }
    }

    /**
     * An outcome that cannot be read is reported as failed, once: the assignment would be given
     * again and again, with the same end.
     */
    private void report(AssignmentId assignment, Outcome outcome)
            throws IOException, InterruptedException {
        Optional<RefusedException> refused = tell(assignment, outcome);
        if (refused.filter(PollLoop::isOfTheMessage).isPresent()) {
            String why = refused.get().problem().title();
            tell(
                    assignment,
                    new Outcome.Failed(
                            "the orchestrator refuses what came of it: " + why,
                            outcome.bytesDown(),
                            outcome.baseBytesDown()));
        }
    }

    private static boolean isOfTheMessage(RefusedException refused) {
        return refused.is(ProblemType.INVALID_VALUE)
                || refused.is(ProblemType.MALFORMED_REQUEST)
                || refused.is(ProblemType.UNKNOWN_FIELD);
    }

    /**
     * @return the refusal, if it was refused
     */
    private Optional<RefusedException> tell(AssignmentId assignment, Outcome outcome)
            throws IOException, InterruptedException {
        try {
            insist(
                    "report",
                    () -> {
                        orchestrator.report(assignment, outcome);
                        return true;
                    });
            log.info(
                    "outcome reported kind={} assignment={}",
                    outcome.getClass().getSimpleName(),
                    assignment);
            return Optional.empty();
        } catch (RefusedException over) {
            log.info("outcome refused assignment={} reason={}", assignment, over.problem().title());
            return Optional.of(over);
        }
    }

    private <T> T insist(String what, Patience.Call<T> call)
            throws IOException, InterruptedException {
        return patience.insist(what, () -> false, call).orElseThrow();
    }
}
