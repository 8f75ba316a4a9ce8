package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;

/** A neighbour understood the call and refused it for good. */
public final class NeighbourRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public NeighbourRefused(String neighbour, Problem problem) {
        super(
                "%s refused: %s. %s".formatted(neighbour, problem.title(), problem.detail()),
                null,
                false,
                false);
        this.problem = problem;
    }

    public boolean is(ProblemType type) {
        return problem.is(type);
    }
}
