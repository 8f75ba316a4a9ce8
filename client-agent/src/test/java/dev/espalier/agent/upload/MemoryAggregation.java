package dev.espalier.agent.upload;

import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Takes one update of each agent in each round: the same bytes again are free, others refused. */
public final class MemoryAggregation implements Aggregation {

    private final Map<String, byte[]> updates = new HashMap<>();

    @Override
    public void handIn(RoundId round, AgentName agent, String token, Path update, Digest digest)
            throws IOException {
        byte[] bytes = Files.readAllBytes(update);
        byte[] held = updates.putIfAbsent(round + "/" + agent, bytes);
        if (held != null && !Digest.of(held).equals(digest)) {
            ProblemType type = ProblemType.UPDATE_CONTRADICTS;
            throw new RefusedException(
                    "aggregation",
                    new Problem(type.uri(), type.title(), 409, "held " + agent, false, null));
        }
    }

    public byte[] update(RoundId round, AgentName agent) {
        return updates.get(round + "/" + agent);
    }

    public int count() {
        return updates.size();
    }
}
