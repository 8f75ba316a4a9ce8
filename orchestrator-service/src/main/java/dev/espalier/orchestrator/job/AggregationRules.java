package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.ImportanceSpec.Source;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.SelectionSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** With what an aggregation rule goes together (algorithms.md D.3). */
final class AggregationRules {

    private AggregationRules() {}

    static void check(String at, PhaseSpec.FineTune phase, List<Violation> found) {
        switch (phase.aggregation()) {
            case AggregationSpec.Stacking _ -> stacking(at, phase, found);
            case AggregationSpec.RankOptimal _ -> rankOptimal(at, phase, found);
            case AggregationSpec.FedAvg _ -> {}
            case AggregationSpec.HeadWeighted _ -> {} // see HeadRules
            case AggregationSpec.RankAdaptive _ -> {}
            case AggregationSpec.ZeroPadding _ -> {} // see warnings
        }
    }

    private static void stacking(String at, PhaseSpec.FineTune phase, List<Violation> found) {
        if (HeadRules.of(phase) != null) {
            refuse(
                    at,
                    found,
                    "STACKING does not go with pruned heads: their rows would be stacked as zeros");
        }
        RankSpec ranks = phase.ranks();
        if (ranks == null) {
            return;
        }
        switch (ranks.variant()) {
            case FREEZING, TRUNCATION ->
                    refuse(
                            at,
                            found,
                            "STACKING does not go with %s: every round begins with a fresh adapter, in which no component is worth more than another"
                                    .formatted(ranks.variant()));
            case PREFIX, HOMOGENEOUS -> {}
        }
        measuredByClients(at, phase, "STACKING, whose components live for one round", found);
    }

    private static void rankOptimal(String at, PhaseSpec.FineTune phase, List<Violation> found) {
        if (HeadRules.of(phase) != null) {
            refuse(
                    at,
                    found,
                    "RANK_OPTIMAL does not go with pruned heads: it needs whole products of B and"
                            + " A");
        }
        measuredByClients(at, phase, "RANK_OPTIMAL, whose importances are singular values", found);
    }

    private static void measuredByClients(
            String at, PhaseSpec.FineTune phase, String rule, List<Violation> found) {
        if (phase.ranks() != null
                && phase.ranks().importance().source() == Source.CLIENT_GRADIENT) {
            found.add(
                    Violation.combination(
                            at + ".ranks.importance.source",
                            "CLIENT_GRADIENT does not go with " + rule));
        }
    }

    private static void refuse(String at, List<Violation> found, String reason) {
        found.add(Violation.combination(at + ".aggregation.rule", reason));
    }

    /**
     * A client's own last adapter sits on the base that it was trained on, so that its loss says
     * nothing once a round was merged into another.
     */
    static void acrossPhases(List<? extends @Nullable PhaseSpec> phases, List<Violation> found) {
        boolean merged = false;
        for (int i = 0; i < phases.size(); i++) {
            if (phases.get(i) instanceof PhaseSpec.FineTune phase) {
                merged |= phase.aggregation() instanceof AggregationSpec.Stacking;
                if (merged && asksForOwnLosses(phase.selection())) {
                    found.add(
                            Violation.combination(
                                    "phases[" + i + "].selection.policy",
                                    "LOSS_DIFFERENCE does not go with STACKING in this phase or an"
                                            + " earlier one: clients' own adapters belong to other"
                                            + " bases"));
                }
            }
        }
    }

    private static boolean asksForOwnLosses(@Nullable SelectionSpec policy) {
        return switch (policy) {
            case SelectionSpec.LossDifference _ -> true;
            case SelectionSpec.ResourceAware aware -> asksForOwnLosses(aware.then());
            case null, default -> false;
        };
    }

    /** What is allowed and yet may surprise, by phase, in words. */
    static List<String> warnings(List<PhaseSpec> phases) {
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < phases.size(); i++) {
            int at = i;
            warning(phases.get(i))
                    .ifPresent(text -> warnings.add("phases[%d]: %s".formatted(at, text)));
        }
        return warnings;
    }

    private static Optional<String> warning(PhaseSpec phase) {
        return switch (phase) {
            case PhaseSpec.FineTune p
                    when p.aggregation() instanceof AggregationSpec.ZeroPadding
                            && HeadRules.of(p) != null ->
                    Optional.of(
                            "ZERO_PADDING counts pruned heads as zeros, which dilutes those that"
                                    + " others kept");
            case PhaseSpec.FineTune _, PhaseSpec.Prune _ -> Optional.empty();
        };
    }
}
