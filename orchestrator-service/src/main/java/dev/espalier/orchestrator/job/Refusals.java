package dev.espalier.orchestrator.job;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.util.List;

/** Turns what is wrong with a specification into one refusal that names it all. */
final class Refusals {

    /** The first of these that occurs names the refusal. */
    private static final List<ProblemType> GRAVEST_FIRST =
            List.of(
                    ProblemType.INVALID_VALUE,
                    ProblemType.UNKNOWN_MODEL,
                    ProblemType.MODEL_DOES_NOT_FIT,
                    ProblemType.COMBINATION_REFUSED);

    private Refusals() {}

    static ProblemException of(List<Violation> violations) {
        ProblemType type =
                GRAVEST_FIRST.stream()
                        .filter(grave -> violations.stream().anyMatch(v -> v.type() == grave))
                        .findFirst()
                        .orElse(ProblemType.INVALID_VALUE);
        Violation first =
                violations.stream().filter(v -> v.type() == type).findFirst().orElseThrow();
        String more =
                violations.size() > 1
                        ? " (and %d more, see fields)".formatted(violations.size() - 1)
                        : "";
        return new ProblemException(
                type,
                "%s: %s%s".formatted(first.field(), first.reason(), more),
                violations.stream().map(v -> new Problem.Field(v.field(), v.reason())).toList());
    }
}
