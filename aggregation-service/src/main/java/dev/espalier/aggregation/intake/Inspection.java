package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.Figures;
import dev.espalier.protocol.problem.ProblemType;

/** What the check of a whole update found. */
sealed interface Inspection {

    record Passed(Figures figures) implements Inspection {}

    /**
     * It does not count.
     *
     * @param reason what is wrong; made of printable characters and short, whatever the file says
     */
    record Failed(ProblemType type, String reason) implements Inspection {

        private static final int LONGEST = 500;

        public Failed {
            reason = reason.substring(0, Math.min(LONGEST, reason.length()));
            reason = reason.replaceAll("\\p{C}", "?");
        }
    }
}
