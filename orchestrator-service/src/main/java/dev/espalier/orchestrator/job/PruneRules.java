package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.layers.LayerTiers;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.LayerSamplingSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Groups;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Which pruning of a base makes sense, by itself, in a job and with a base (algorithms.md D.3). */
final class PruneRules {

    private PruneRules() {}

    static void values(String at, PhaseSpec.Prune phase, List<Violation> found) {
        if (phase.weights() != null) {
            weights(at, phase, phase.weights(), found);
        }
        LayerSamplingSpec layers = phase.layers();
        if (layers != null && layers.tiers().stream().allMatch(Objects::nonNull)) {
            TierRules.reachable(
                    at + ".layers.tiers",
                    layers.tiers().stream().map(LayerTiers::minimum).toList(),
                    found);
        }
        if (innermost(phase.selection()) instanceof SelectionSpec.LossDifference) {
            found.add(
                    Violation.combination(
                            at + ".selection.policy",
                            "LOSS_DIFFERENCE does not go with PRUNE: clients have no adapters of"
                                    + " their own to compare with"));
        }
    }

    private static void weights(
            String at, PhaseSpec.Prune phase, WeightPruningSpec weights, List<Violation> found) {
        ValueRules.exactlyOne(
                at + ".weights",
                "sparsity and pattern",
                found,
                weights.sparsity(),
                weights.pattern());
        Groups groups = groups(weights);
        if (groups == null) {
            return;
        }
        if (groups.dropped() <= 0) {
            found.add(
                    Violation.value(
                            at + ".weights.pattern",
                            "must keep fewer than all %d weights of a group, not %d"
                                    .formatted(groups.size(), groups.kept())));
        }
        if (phase.aggregation().expands()) {
            found.add(
                    Violation.combination(
                            at + ".aggregation.rule",
                            "must be L0 or STANDALONE with a pattern: what expands a mask to a"
                                    + " sparsity breaks its groups"));
        }
    }

    /** Null where there is no pattern, or one that is refused as it stands. */
    private static @Nullable Groups groups(WeightPruningSpec weights) {
        return weights.pattern() == null || !weights.pattern().matches("[0-9]{1,3}:[0-9]{1,3}")
                ? null
                : weights.groups();
    }

    private static @Nullable SelectionSpec innermost(@Nullable SelectionSpec policy) {
        SelectionSpec inner = policy;
        while (inner instanceof SelectionSpec.ResourceAware aware) {
            inner = aware.then();
        }
        return inner;
    }

    /** What can be said of a whole job without its base. */
    static void inJob(JobSpecification job, List<Violation> found) {
        List<PhaseSpec> phases = job.phases();
        boolean tuned = false;
        for (int i = 0; i < phases.size(); i++) {
            tuned |= phases.get(i) instanceof PhaseSpec.FineTune;
            if (phases.get(i) instanceof PhaseSpec.Prune phase) {
                String at = "phases[" + i + "]";
                if (tuned) {
                    found.add(
                            Violation.combination(
                                    at + ".kind",
                                    "PRUNE must come before every FINE_TUNE phase: an adapter"
                                            + " belongs to the base on which it was trained"));
                }
                headless(at, job, phase, found);
                standalone(at, job, phase, i == phases.size() - 1, found);
            }
        }
        boolean onlyPrunes =
                !phases.isEmpty() && phases.stream().allMatch(PhaseSpec.Prune.class::isInstance);
        if (onlyPrunes && job.evaluation() != null && classifies(job)) {
            found.add(
                    Violation.combination(
                            "evaluation",
                            "needs a FINE_TUNE phase with SEQUENCE_CLASSIFICATION: a base has no"
                                    + " task head that could be evaluated"));
        }
    }

    private static boolean classifies(JobSpecification job) {
        return job.task() != null && job.task().kind() == TaskKind.SEQUENCE_CLASSIFICATION;
    }

    private static void headless(
            String at, JobSpecification job, PhaseSpec.Prune phase, List<Violation> found) {
        if (classifies(job)
                && innermost(phase.selection()) instanceof SelectionSpec.PowerOfChoice) {
            found.add(
                    Violation.combination(
                            at + ".selection.policy",
                            "POWER_OF_CHOICE does not go with PRUNE and SEQUENCE_CLASSIFICATION:"
                                    + " without a task head a base has no loss"));
        }
    }

    /** There is no one version that anything could go on from. */
    private static void standalone(
            String at,
            JobSpecification job,
            PhaseSpec.Prune phase,
            boolean isLast,
            List<Violation> found) {
        if (!(phase.aggregation() instanceof SparseAggregationSpec.Standalone)) {
            return;
        }
        if (!isLast) {
            found.add(
                    Violation.combination(
                            at + ".aggregation.rule",
                            "STANDALONE must be the last phase: it makes a version for each client,"
                                    + " and none of all that could be gone on with"));
        }
        if (phase.rounds() > 1) {
            found.add(
                    Violation.combination(
                            at + ".rounds",
                            "must be 1 with STANDALONE, which makes no version of all that another"
                                    + " round could begin from"));
        }
        if (job.alias() != null) {
            found.add(
                    Violation.combination(
                            "alias",
                            "makes no sense with STANDALONE, which makes a version for each"
                                    + " client"));
        }
    }

    /** Whether a base can be pruned so. */
    static void fit(
            String at, PhaseSpec.Prune phase, ModelStructure structure, List<Violation> found) {
        if (!tellsLayers(structure)) {
            Violation untold =
                    Violation.fit(
                            "model.base",
                            "was registered without the layers that its linears lie in, by which it"
                                    + " is pruned: register the base again");
            if (!found.contains(untold)) {
                found.add(untold);
            }
            return;
        }
        Groups groups = phase.weights() == null ? null : groups(phase.weights());
        if (groups != null && groups.dropped() > 0) {
            structure.linearsOf(structure.layersOfLinears()).stream()
                    .filter(linear -> linear.in() % groups.size() != 0)
                    .findFirst()
                    .ifPresent(linear -> found.add(misfit(at, groups, linear)));
        }
    }

    private static Violation misfit(String at, Groups groups, Linear linear) {
        return Violation.fit(
                at + ".weights.pattern",
                "the %d weights in a row of %s do not fall into groups of %d"
                        .formatted(linear.in(), linear.name(), groups.size()));
    }

    /** From 0 without a gap. */
    private static boolean tellsLayers(ModelStructure structure) {
        SortedSet<Integer> layers = structure.layersOfLinears();
        return !layers.isEmpty() && layers.last() == layers.size() - 1;
    }
}
