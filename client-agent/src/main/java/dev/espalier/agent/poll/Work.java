package dev.espalier.agent.poll;

import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import java.io.IOException;
import java.util.Optional;

/** Does what the orchestrator asks for. */
@FunctionalInterface
public interface Work {

    /**
     * Does an assignment, or goes on with one that a crash cut short. What goes wrong with it is an
     * outcome too.
     *
     * @param heartbeat is told how far it is, and asked whether to go on
     * @return empty if the orchestrator said stop
     * @throws InterruptedException the agent is being shut down; what was done is remembered
     * @throws IOException the agent's own files fail it
     */
    Optional<Outcome> perform(Assignment assignment, Heartbeat heartbeat)
            throws IOException, InterruptedException;
}
