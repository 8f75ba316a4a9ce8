package dev.espalier.agent.work;

import dev.espalier.agent.model.BaseModels;
import dev.espalier.lm.prune.CutRule;
import dev.espalier.lm.prune.LayerwisePruning;
import dev.espalier.lm.prune.Pruner;
import dev.espalier.lm.prune.PruningSettings;
import dev.espalier.lm.prune.Sparsity;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.work.PrunePlan;
import java.math.BigDecimal;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Translates what a plan of pruning says into what the language model library is told. Takes no
 * plan on trust, though the orchestrator has checked it: one that cannot be followed is refused by
 * the name of its field.
 */
final class PruneRules {

    /** More decimals than a share of weights can have; a huge exponent would take all memory. */
    private static final int MOST_DECIMALS = 64;

    private static final Pattern GROUPS = Pattern.compile("[1-9][0-9]{0,2}:[1-9][0-9]{0,2}");

    private PruneRules() {}

    /**
     * @throws CannotDoException if a value is out of its range, or share and pattern are both there
     *     or both missing
     */
    static PruningSettings settings(PrunePlan plan) {
        WeightPruningSpec spec = plan.settings();
        require(spec.calibrationSamples() >= 1, "calibrationSamples", spec.calibrationSamples());
        return new PruningSettings(
                pruner(spec),
                sparsity(plan.sparsity(), spec),
                switch (spec.cutRule()) {
                    case EXACT -> CutRule.EXACT;
                    case REFERENCE -> CutRule.REFERENCE;
                });
    }

    private static Pruner pruner(WeightPruningSpec spec) {
        return switch (spec.pruner()) {
            case MAGNITUDE -> new Pruner.Magnitude();
            case WANDA -> new Pruner.Wanda();
            case SPARSE_GPT -> {
                double dampening = spec.dampening();
                require(dampening > 0 && dampening <= 1, "dampening", dampening);
                require(spec.blockSize() >= 1, "blockSize", spec.blockSize());
                yield new Pruner.SparseGpt(dampening, spec.blockSize());
            }
        };
    }

    private static Sparsity sparsity(@Nullable BigDecimal share, WeightPruningSpec spec) {
        String pattern = spec.pattern();
        if ((share == null) == (pattern == null)) {
            throw new CannotDoException(
                    "the plan has either a sparsity or a pattern, not both and not neither");
        }
        return share == null ? inGroups(spec) : unstructured(share);
    }

    private static Sparsity unstructured(BigDecimal share) {
        boolean known =
                Math.abs(share.scale()) <= MOST_DECIMALS
                        && share.signum() >= 0
                        && share.compareTo(BigDecimal.ONE) < 0;
        if (!known) {
            throw new CannotDoException(
                    "the plan's sparsity must be in [0, 1), with at most %d decimals"
                            .formatted(MOST_DECIMALS));
        }
        return Sparsity.unstructured(share);
    }

    private static Sparsity inGroups(WeightPruningSpec spec) {
        String pattern = String.valueOf(spec.pattern());
        WeightPruningSpec.Groups groups = GROUPS.matcher(pattern).matches() ? spec.groups() : null;
        if (groups == null || groups.kept() >= groups.size()) {
            throw new CannotDoException("the plan's pattern must be N:M with N below M");
        }
        return Sparsity.inGroups(groups.dropped(), groups.size());
    }

    /**
     * The plan's layers.
     *
     * @throws CannotDoException if the base has no such layers, or their rows do not fit the
     *     pattern
     */
    static SortedSet<Integer> layers(
            PrunePlan plan, PruningSettings settings, BaseModels.Lease base) {
        SortedSet<Integer> layers = new TreeSet<>(plan.layers());
        SortedSet<Integer> known = LayerwisePruning.allLayers(base.model());
        boolean followed =
                !layers.isEmpty()
                        && known.containsAll(layers)
                        && List.copyOf(layers).equals(plan.layers());
        if (!followed) {
            throw new CannotDoException(
                    "the plan's layers must be some of 0 to %d, ascending, each once"
                            .formatted(known.last()));
        }
        if (settings.sparsity() instanceof Sparsity.InGroups groups) {
            base.structure().linearsOf(layers).forEach(linear -> requireFits(linear, groups));
        }
        return layers;
    }

    private static void requireFits(ModelStructure.Linear linear, Sparsity.InGroups groups) {
        if (linear.in() % groups.size() != 0) {
            throw new CannotDoException(
                    "rows of %d weights of %s cannot be cut into groups of %d"
                            .formatted(linear.in(), linear.name(), groups.size()));
        }
    }

    private static void require(boolean holds, String field, Number value) {
        if (!holds) {
            throw new CannotDoException(
                    "the plan's %s is out of range: %s".formatted(field, value));
        }
    }
}
