package dev.espalier.agent.upload;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import java.io.IOException;
import java.nio.file.Path;

/** The aggregation service, as far as an agent needs it. */
public interface Aggregation {

    /**
     * Hands in a round's update. The same file again is free.
     *
     * @param token from the assignment
     * @throws dev.espalier.agent.neighbour.RefusedException the update does not count, and why
     * @throws dev.espalier.agent.neighbour.UnavailableException it may be taken later
     */
    void handIn(RoundId round, AgentName agent, String token, Path update, Digest digest)
            throws IOException, InterruptedException;
}
