package dev.espalier.protocol.work;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An agent as the fleet knows it.
 *
 * @param alive heard of lately
 * @param assignment what it works on
 */
public record AgentView(
        AgentName name,
        boolean alive,
        Capabilities capabilities,
        @Nullable AssignmentId assignment,
        @Nullable Progress progress,
        Instant enrolledAt,
        Instant lastSeen) {}
