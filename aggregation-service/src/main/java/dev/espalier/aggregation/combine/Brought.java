package dev.espalier.aggregation.combine;

import dev.espalier.protocol.AgentName;
import java.nio.file.Path;

/**
 * An update that counts.
 *
 * @param examples the client's training examples n_k
 * @param file checked before
 */
public record Brought(AgentName agent, long examples, Path file) {}
