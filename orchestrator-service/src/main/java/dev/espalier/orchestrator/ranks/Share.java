package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.UploadPlan;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an agent gets if it is drawn, by what it told that it could do when the fleet was looked at.
 *
 * @param rank components of every module that it trains
 * @param upload how precisely it sends them; absent: in f32
 */
public record Share(AgentName agent, int rank, @Nullable UploadPlan upload) {

    /**
     * That of one agent.
     *
     * @param shares in ascending order of agent
     */
    public static Optional<Share> of(AgentName agent, List<Share> shares) {
        int at =
                Collections.binarySearch(
                        shares, new Share(agent, 0, null), Comparator.comparing(Share::agent));
        return at < 0 ? Optional.empty() : Optional.of(shares.get(at));
    }
}
