package dev.espalier.aggregation.intake;

import dev.espalier.protocol.problem.ProblemType;

/** Carries the first thing that is wrong with an update out of the check. */
final class UpdateRefused extends Exception {

    private static final long serialVersionUID = 1L;

    private final ProblemType type;

    UpdateRefused(ProblemType type, String reason) {
        super(reason, null, false, false); // a refusal needs no stack trace
        this.type = type;
    }

    static UpdateRefused malformed(String reason) {
        return new UpdateRefused(ProblemType.UPDATE_MALFORMED, reason);
    }

    static UpdateRefused misfit(String reason) {
        return new UpdateRefused(ProblemType.UPDATE_DOES_NOT_FIT, reason);
    }

    Inspection.Failed inspection() {
        return new Inspection.Failed(type, String.valueOf(getMessage()));
    }
}
