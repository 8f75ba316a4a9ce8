package dev.espalier.aggregation.session;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.problem.ProblemType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds ascending indices by name against how many there are. */
final class Indices {

    private Indices() {}

    /**
     * @param what the names are names of
     * @throws ProblemException INVALID_VALUE for an unknown name or an index that is too large
     */
    static void requireBelow(
            AgentName agent,
            String what,
            @Nullable Map<String, List<Integer>> indices,
            Map<String, Integer> limits) {
        if (indices == null) {
            return;
        }
        indices.forEach((name, list) -> {
            Integer limit = limits.get(name);
            if (limit == null) {
                throw invalid("what " + agent + " is asked for names no " + what + ": " + name);
            }
            if (!list.isEmpty() && list.getLast() >= limit) {
                throw invalid(
                        "what %s is asked for has index %d for %s, which has %d"
                                .formatted(agent, list.getLast(), name, limit));
            }
        });
    }

    static ProblemException invalid(String detail) {
        return new ProblemException(ProblemType.INVALID_VALUE, detail);
    }
}
