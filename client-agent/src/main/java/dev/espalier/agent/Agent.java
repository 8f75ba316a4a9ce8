package dev.espalier.agent;

import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.agent.poll.PollLoop;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One agent, alive on a thread of its own from start to stop. */
final class Agent {

    private static final Logger log = LoggerFactory.getLogger(Agent.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

    private final AgentName name;
    private final AgentHome home;
    private final PollLoop loop;
    private final Patience patience;
    private final Thread thread;
    private volatile State state = State.STARTING;

    Agent(AgentName name, AgentHome home, PollLoop loop, Patience patience) {
        this.name = name;
        this.home = home;
        this.loop = loop;
        this.patience = patience;
        // native code would pin a virtual thread's carrier for as long as a step takes
        this.thread = Thread.ofPlatform().name("agent-" + name).unstarted(this::live);
    }

    /** Where an agent stands. */
    enum State {
        /** Not enrolled yet. */
        STARTING,
        /** Asks for work and does it. */
        ENROLLED,
        /** The orchestrator does not take it. */
        REFUSED,
        STOPPED
    }

    AgentName name() {
        return name;
    }

    State state() {
        return state;
    }

    void start() {
        thread.start();
    }

    /** Asks it to stop; what it does is remembered. */
    void interrupt() {
        thread.interrupt();
    }

    /** Whether it has stopped within that time. */
    boolean join(Duration longest) throws InterruptedException {
        return !thread.isAlive() || thread.join(longest);
    }

    private void live() {
        try (home) {
            loop.begin();
            state = State.ENROLLED;
            while (!Thread.interrupted()) {
                turn();
            }
        } catch (InterruptedException stop) {
            log.debug("agent stopped name={}", name);
        } catch (RefusedException refused) {
            state = State.REFUSED;
            log.error("agent refused name={} {}", name, advice(refused));
        } catch (IOException broken) {
            log.error("agent ended name={}: its home cannot be used", name, broken);
        } finally {
            state = state == State.REFUSED ? State.REFUSED : State.STOPPED;
        }
    }

    /** What goes wrong here is the agent's own trouble, a full disk say, and may pass. */
    private void turn() throws InterruptedException {
        try {
            loop.turn();
        } catch (RefusedException refused) {
            throw refused;
        } catch (IOException | RuntimeException trouble) {
            log.error("agent in trouble name={}", name, trouble);
            patience.pause(AFTER_FAILURE);
        }
    }

    private String advice(RefusedException refused) {
        if (refused.is(ProblemType.AGENT_NAME_TAKEN)) {
            return ("reason: an agent of this name is enrolled with another secret. Choose another"
                            + " 'espalier.agents[].name', bring back the file 'secret' in its home,"
                            + " or have the operator remove it: DELETE /api/v1/agents/%s")
                    .formatted(name);
        }
        if (refused.is(ProblemType.UNAUTHENTICATED) || refused.is(ProblemType.FORBIDDEN)) {
            return "reason: it is not let in. Set 'espalier.orchestrator.enrolment-token' to the"
                    + " token the operator gave you.";
        }
        return "reason: " + refused.getMessage();
    }
}
