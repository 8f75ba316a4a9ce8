package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.selection.Minimum;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.QuantisationSpec;
import dev.espalier.protocol.job.RankAllotment;
import dev.espalier.protocol.job.RankAllotment.Tier;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.RankSpec.Variant;
import java.util.List;
import java.util.Set;

/** Which ranks and precisions make sense by themselves (algorithms.md B and D.3). */
final class RankRules {

    private static final Set<Integer> BITS = Set.of(4, 8, 16, 32);

    /** What an absent {@code starvationEvery} becomes, so that it may stand anywhere. */
    private static final int STARVATION_DEFAULT = 10;

    private RankRules() {}

    static void values(String at, PhaseSpec.FineTune phase, List<Violation> found) {
        if (phase.quantisation() != null) {
            quantisation(at + ".quantisation", phase.quantisation(), found);
        }
        RankSpec ranks = phase.ranks();
        if (ranks == null) {
            return;
        }
        String field = at + ".ranks";
        allotment(field + ".allotment", ranks, phase, found);
        switch (ranks.variant()) {
            case FREEZING, TRUNCATION -> {}
            case PREFIX, HOMOGENEOUS -> choosesNothing(field, ranks, found);
        }
    }

    private static void quantisation(
            String field, QuantisationSpec quantisation, List<Violation> found) {
        ValueRules.exactlyOne(
                field,
                "bits, budgetBytes and budgetSeconds",
                found,
                quantisation.bits(),
                quantisation.budgetBytes(),
                quantisation.budgetSeconds());
        if (quantisation.bits() != null && !BITS.contains(quantisation.bits())) {
            found.add(Violation.value(field + ".bits", "must be 4, 8, 16 or 32"));
        }
    }

    private static void allotment(
            String field, RankSpec ranks, PhaseSpec.FineTune phase, List<Violation> found) {
        boolean shared = ranks.variant() != Variant.HOMOGENEOUS;
        switch (ranks.allotment()) {
            case null -> {
                if (shared) {
                    found.add(
                            Violation.combination(
                                    field,
                                    "is needed by %s, whose clients train different numbers of"
                                                    .formatted(ranks.variant())
                                            + " components"));
                }
            }
            case RankAllotment allotment when !shared ->
                    found.add(
                            Violation.combination(
                                    field,
                                    "makes no sense with HOMOGENEOUS, whose clients all train all"
                                            + " components"));
            case RankAllotment.Tiers tiers -> tiers(field + ".tiers", tiers, phase, found);
            case RankAllotment.Budget budget ->
                    ValueRules.exactlyOne(
                            field,
                            "uploadBytes and uploadSeconds",
                            found,
                            budget.uploadBytes(),
                            budget.uploadSeconds());
        }
    }

    private static void tiers(
            String field,
            RankAllotment.Tiers allotment,
            PhaseSpec.FineTune phase,
            List<Violation> found) {
        List<Tier> tiers = allotment.tiers();
        for (int i = 0; i < tiers.size(); i++) {
            rank("%s[%d].rank".formatted(field, i), tiers.get(i).rank(), phase, found);
        }
        TierRules.reachable(field, tiers.stream().map(RankRules::minimum).toList(), found);
    }

    private static Minimum minimum(Tier tier) {
        return new Minimum(
                tier.minMemoryBytes(), tier.minUplinkBytesPerSecond(), tier.minProcessors());
    }

    private static void rank(
            String field, int rank, PhaseSpec.FineTune phase, List<Violation> found) {
        if (phase.adapter() != null && rank > phase.adapter().rank()) {
            found.add(
                    Violation.combination(
                            field,
                            "must be at most the adapter's rank %d"
                                    .formatted(phase.adapter().rank())));
        }
    }

    /** Options of those variants that choose by importance. */
    private static void choosesNothing(String field, RankSpec ranks, List<Violation> found) {
        String why =
                "makes no sense with %s, which does not choose by importance"
                        .formatted(ranks.variant());
        if (ranks.coldStartRounds() != null && ranks.coldStartRounds() > 0) {
            found.add(Violation.combination(field + ".coldStartRounds", why));
        }
        int starvation = ranks.starvationEvery();
        if (starvation != 0 && starvation != STARVATION_DEFAULT) {
            found.add(Violation.combination(field + ".starvationEvery", why));
        }
    }
}
