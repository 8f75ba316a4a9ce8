package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.selection.Minimum;
import java.util.List;

/** Whether every tier can be reached, where an agent gets the first that it meets. */
final class TierRules {

    private TierRules() {}

    /**
     * @param field of the list, for example {@code phases[0].layers.tiers}
     */
    static void reachable(String field, List<Minimum> tiers, List<Violation> found) {
        for (int i = 0; i < tiers.size(); i++) {
            for (int earlier = 0; earlier < i; earlier++) {
                if (tiers.get(i).implies(tiers.get(earlier))) {
                    found.add(
                            Violation.combination(
                                    "%s[%d]".formatted(field, i),
                                    ("can never be reached: whoever meets it meets tiers[%d], which"
                                                    + " comes first")
                                            .formatted(earlier)));
                    break;
                }
            }
        }
    }
}
