package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionSpec;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** How many agents a policy takes. */
final class CohortSize {

    private CohortSize() {}

    static int wanted(SelectionSpec policy, int eligible) {
        return switch (policy) {
            case SelectionSpec.All all -> eligible;
            case SelectionSpec.Uniform p -> of(p.fraction(), eligible);
            case SelectionSpec.DataWeighted p -> of(p.fraction(), eligible);
            case SelectionSpec.RoundRobin p -> of(p.fraction(), eligible);
            case SelectionSpec.PowerOfChoice p -> of(p.fraction(), eligible);
            case SelectionSpec.LossDifference p -> of(p.fraction(), eligible);
            case SelectionSpec.ResourceAware p -> wanted(p.then(), eligible);
        };
    }

    /** {@code max(1, floor(fraction * of))}, in decimal. */
    static int of(double fraction, int of) {
        int floor =
                BigDecimal.valueOf(fraction)
                        .multiply(BigDecimal.valueOf(of))
                        .setScale(0, RoundingMode.FLOOR)
                        .intValueExact();
        return Math.max(1, floor);
    }
}
