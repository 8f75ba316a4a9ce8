package dev.espalier.aggregation.session;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import jakarta.persistence.Embeddable;
import java.util.UUID;

/** Names one agent's seat in one round. */
@Embeddable
record SeatKey(UUID round, String agent) {

    static SeatKey of(RoundId round, AgentName agent) {
        return new SeatKey(round.value(), agent.value());
    }
}
