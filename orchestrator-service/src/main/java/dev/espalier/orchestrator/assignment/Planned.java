package dev.espalier.orchestrator.assignment;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.work.Assignment;

/**
 * A piece of work to store for an agent.
 *
 * @param work without an upload token; that is added when the agent fetches it
 */
public record Planned(AgentName agent, Piece.Kind kind, Assignment work) {}
