package dev.espalier.aggregation.combine;

import dev.espalier.protocol.AgentName;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An update that counts.
 *
 * @param examples the client's training examples n_k
 * @param heads absent where no heads were pruned
 * @param contents what its manifest says of the file
 * @param file checked before
 */
public record Brought(
        AgentName agent, long examples, @Nullable KeptHeads heads, Contents contents, Path file) {

    /** One that holds floats of all components. */
    public Brought(AgentName agent, long examples, @Nullable KeptHeads heads, Path file) {
        this(agent, examples, heads, Contents.WHOLE, file);
    }

    /** Those that count, in the order in which they are added: ascending by agent. */
    static List<Brought> inOrder(Collection<Brought> updates) {
        return updates.stream()
                .filter(update -> update.examples() > 0)
                .sorted(Comparator.comparing(Brought::agent))
                .toList();
    }
}
