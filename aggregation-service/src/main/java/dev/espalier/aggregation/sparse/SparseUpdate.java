package dev.espalier.aggregation.sparse;

import dev.espalier.protocol.AgentName;
import java.nio.file.Path;

/**
 * What one client kept of the matrices that it pruned. A matrix that its file does not hold was not
 * pruned by it; where the file holds a mask alone, its values are those of the parent.
 *
 * @param examples behind it; one without counts for nothing
 * @param file checked before
 */
public record SparseUpdate(AgentName agent, long examples, Path file) {}
