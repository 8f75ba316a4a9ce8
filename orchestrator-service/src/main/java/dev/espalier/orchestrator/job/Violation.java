package dev.espalier.orchestrator.job;

import dev.espalier.protocol.problem.ProblemType;

/**
 * One thing that is wrong with a specification.
 *
 * @param field path from the root, for example {@code phases[0].training.learningRate}
 */
record Violation(ProblemType type, String field, String reason) {

    static Violation value(String field, String reason) {
        return new Violation(ProblemType.INVALID_VALUE, field, reason);
    }

    static Violation fit(String field, String reason) {
        return new Violation(ProblemType.MODEL_DOES_NOT_FIT, field, reason);
    }

    static Violation combination(String field, String reason) {
        return new Violation(ProblemType.COMBINATION_REFUSED, field, reason);
    }

    static Violation model(String field, String reason) {
        return new Violation(ProblemType.UNKNOWN_MODEL, field, reason);
    }
}
