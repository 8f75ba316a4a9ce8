package dev.espalier.orchestrator.selection;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** How many of a cohort must hand in. */
public final class Quorum {

    private Quorum() {}

    /**
     * {@code max(1, ceil(share * cohort))}, in decimal: in binary 0.55 of 100 would be 56.
     *
     * @param share in (0, 1]
     */
    public static int needed(double share, int cohort) {
        int ceiling =
                BigDecimal.valueOf(share)
                        .multiply(BigDecimal.valueOf(cohort))
                        .setScale(0, RoundingMode.CEILING)
                        .intValueExact();
        return Math.max(1, ceiling);
    }
}
