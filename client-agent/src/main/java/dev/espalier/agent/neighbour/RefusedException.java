package dev.espalier.agent.neighbour;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;

/** A service refused a call for good; its problem says why. Asking again would not help. */
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    public RefusedException(String service, Problem problem) {
        super("%s refuses: %s; %s".formatted(service, problem.title(), problem.detail()));
        this.problem = problem;
    }

    public boolean is(ProblemType type) {
        return problem.is(type);
    }

    public Problem problem() {
        return problem;
    }
}
