package dev.espalier.orchestrator.layers;

import dev.espalier.protocol.AgentName;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * What an agent gets if it is drawn, by what it told that it could do when the fleet was looked at.
 *
 * @param ratio share of the base's layers that it prunes, in (0, 1]
 */
public record LayerShare(AgentName agent, BigDecimal ratio) {

    public static Optional<LayerShare> of(AgentName agent, List<LayerShare> shares) {
        return shares.stream().filter(share -> share.agent().equals(agent)).findFirst();
    }
}
