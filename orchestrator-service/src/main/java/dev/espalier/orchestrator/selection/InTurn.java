package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * By name, from the one behind the last that had its turn, and around.
 *
 * @param after the last that had its turn
 */
record InTurn(@Nullable AgentName after) implements Policy {

    @Override
    public List<Ranked> rank(List<Candidate> candidates) {
        return Stream.concat(
                        candidates.stream().filter(this::isStillToCome),
                        candidates.stream().filter(candidate -> !isStillToCome(candidate)))
                .map(candidate -> new Ranked(candidate, null, null, "in turn"))
                .toList();
    }

    private boolean isStillToCome(Candidate candidate) {
        return after == null || candidate.agent().compareTo(after) > 0;
    }
}
