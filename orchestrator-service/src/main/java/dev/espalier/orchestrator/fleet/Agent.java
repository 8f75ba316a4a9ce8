package dev.espalier.orchestrator.fleet;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.work.Capabilities;
import java.time.Instant;

/**
 * An enrolled agent, without its secret.
 *
 * @param lastSeen its last call of any kind
 */
public record Agent(
        AgentName name, Capabilities capabilities, Instant enrolledAt, Instant lastSeen) {}
