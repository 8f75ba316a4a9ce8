package dev.espalier.aggregation.intake;

import dev.espalier.protocol.update.Quantisation;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.update.UploadPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds the bits that an update says its values have against the plan for its upload. */
final class Precisions {

    private static final Set<Integer> KNOWN = Set.of(4, 8, 16, 32);

    private Precisions() {}

    static void require(UpdateManifest manifest, HeldComponents held, TrainingExpectation expected)
            throws UpdateRefused {
        UploadPlan plan = expected.upload();
        Quantisation quantisation = manifest.quantisation();
        if (plan == null) {
            if (quantisation != null) {
                throw UpdateRefused.misfit("values were to come in f32: leave quantisation out");
            }
            return;
        }
        if (quantisation == null) {
            throw UpdateRefused.misfit("quantisation is missing: values were to have fewer bits");
        }
        if (!Double.isFinite(quantisation.error())) {
            throw UpdateRefused.malformed("the manifest: quantisation.error is no finite number");
        }
        held.requireOneEach("quantisation.bits", quantisation.bits());
        for (Map.Entry<String, List<Integer>> module : quantisation.bits().entrySet()) {
            for (int bits : module.getValue()) {
                requireBits(module.getKey(), bits, plan.bits());
            }
        }
    }

    private static void requireBits(String module, int bits, @Nullable Integer planned)
            throws UpdateRefused {
        if (!KNOWN.contains(bits)) {
            throw UpdateRefused.misfit(
                    "quantisation.bits of %s has %d; known are 4, 8, 16 and 32"
                            .formatted(module, bits));
        }
        if (planned != null && planned != bits) {
            throw UpdateRefused.misfit(
                    "quantisation.bits of %s has %d, where every component was to have %d"
                            .formatted(module, bits, planned));
        }
    }

    /**
     * @param bytes of the values of all components, scales included
     */
    static void requireWithinBudget(long bytes, TrainingExpectation expected) throws UpdateRefused {
        UploadPlan plan = expected.upload();
        Long budget = plan == null ? null : plan.budgetBytes();
        if (budget != null && bytes > budget) {
            throw UpdateRefused.misfit(
                    "the components take %d bytes, where the agent was given %d"
                            .formatted(bytes, budget));
        }
    }
}
