package dev.espalier.aggregation.intake;

import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.UpdateManifest;
import java.util.List;
import java.util.Map;

/** Holds what an update says of the importance of its components against what was asked. */
final class ComponentScores {

    private ComponentScores() {}

    static void require(UpdateManifest manifest, HeldComponents held, TrainingExpectation expected)
            throws UpdateRefused {
        Map<String, List<Double>> scores = manifest.componentScores();
        if (!expected.asksForScores()) {
            if (scores != null) {
                throw UpdateRefused.misfit("componentScores were not asked for: leave them out");
            }
            return;
        }
        if (scores == null) {
            throw UpdateRefused.misfit(
                    "componentScores is missing: the importance of each component in scope");
        }
        held.requireOneEach("componentScores", scores);
        for (Map.Entry<String, List<Double>> module : scores.entrySet()) {
            for (double score : module.getValue()) {
                requireImportance(module.getKey(), score);
            }
        }
    }

    /** D.6 counts four bytes for it, so it has to fit into a float. */
    private static void requireImportance(String module, double score) throws UpdateRefused {
        if (!Float.isFinite((float) score)) {
            throw new UpdateRefused(
                    ProblemType.UPDATE_NOT_FINITE,
                    "componentScores of %s: no number that a float can hold".formatted(module));
        }
        if (score < 0) {
            throw UpdateRefused.misfit(
                    "componentScores of %s: an importance is negative".formatted(module));
        }
    }
}
