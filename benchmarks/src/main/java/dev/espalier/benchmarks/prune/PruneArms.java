package dev.espalier.benchmarks.prune;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Tuning;
import dev.espalier.benchmarks.measure.Figure;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.LayerSamplingSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.SparseAggregationSpec.L0MaskExpansion.Ties;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.job.WeightPruningSpec.CutRule;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.job.WeightPruningSpec.Schedule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arms of the experiment: at each sparsity they differ in who prunes what, and in how masks
 * become one.
 *
 * @param clients that prune
 * @param pooled what the one agent's data is called that holds all that they hold
 * @param suffix of all names but that of the dense model: {@code -k4} where there are four clients
 * @param targets linears that an adapter heals
 */
record PruneArms(
        int clients,
        DataName pooled,
        String suffix,
        List<String> targets,
        PruneSize.Healing healing) {

    static final String DENSE = "dense";

    /**
     * In percent, as names of arms say it. What is asked for is the nearest 64th, because Wanda
     * drops whole weights of each row: at 60 % it would leave rows of 128 denser than the target
     * that an expansion meets exactly, and arms would be compared at different sparsities.
     */
    static final List<Integer> SPARSITIES = List.of(50, 60, 70, 80);

    private static final int PARTS = 64;

    private static final String CENTRALISED = "centralised";
    private static final String STANDALONE = "standalone";
    private static final String RANDOM = "random-expansion";
    private static final String FEDERATED = "fedspallm";
    private static final String HEALED = "healed";
    private static final String SPARSE_GPT = "-sparsegpt";

    /** Of one client (algorithms.md C.5). */
    private static final int CALIBRATION = 32;

    private static final double DAMPENING = 0.01;
    private static final int BLOCK = 128;

    private static final SelectionSpec EVERYONE = new SelectionSpec.All();
    private static final SparseAggregationSpec EXPANDED =
            new SparseAggregationSpec.L0MaskExpansion(Ties.MAGNITUDE_THEN_INDEX);
    private static final SparseAggregationSpec MEAN = new SparseAggregationSpec.L0();

    private static final int RANK = 8;
    private static final double ALPHA = 16;
    private static final int BATCH = 8;

    /** Chosen on validation data. */
    private static final double RATE = 4e-3;

    /** The last rounds, so that a model comes to rest before it is judged. */
    private static final int LAST_SHARE = 3;

    private static final double LAST_RATE = 0.25;

    private static final double WITHIN_PERCENT = 3;
    private static final double HALF = 50;

    /** What a goal compares, and what is near to it. */
    List<Arm> wanda() {
        List<Arm> arms = new ArrayList<>();
        arms.add(dense());
        SPARSITIES.forEach(percent -> arms.addAll(at(percent, Pruner.WANDA)));
        SPARSITIES.forEach(percent -> arms.add(healed(percent)));
        return List.copyOf(arms);
    }

    /** With the other pruner too. */
    List<Arm> all() {
        List<Arm> arms = new ArrayList<>(wanda());
        SPARSITIES.forEach(percent -> arms.addAll(at(percent, Pruner.SPARSE_GPT)));
        return List.copyOf(arms);
    }

    List<Goal> goals() {
        List<Goal> goals = new ArrayList<>();
        for (int percent : SPARSITIES) {
            goals.add(better(percent, STANDALONE));
            goals.add(better(percent, RANDOM));
        }
        int lowest = SPARSITIES.getFirst();
        goals.add(
                new Goal(
                        "near-centralised",
                        name(FEDERATED, lowest),
                        name(CENTRALISED, lowest),
                        Figure.PERPLEXITY,
                        Goal.Kind.PERCENT_ABOVE_AT_MOST,
                        WITHIN_PERCENT));
        for (int percent : SPARSITIES) {
            goals.add(
                    Goal.gapClosed(
                            "healing",
                            name(HEALED, percent),
                            name(FEDERATED, percent),
                            DENSE,
                            Figure.PERPLEXITY,
                            HALF));
        }
        return List.copyOf(goals);
    }

    private Goal better(int percent, String baseline) {
        return new Goal(
                "better",
                name(FEDERATED, percent),
                name(baseline, percent),
                Figure.PERPLEXITY,
                Goal.Kind.PERCENT_BETTER,
                0);
    }

    private String name(String arm, int percent) {
        return "%s-%d%s".formatted(arm, percent, suffix);
    }

    /** A pruning that drops nothing, so that the base itself is measured as every other arm is. */
    private Arm dense() {
        return new Arm(DENSE, prune(weights(0, Pruner.MAGNITUDE, 1), MEAN, null));
    }

    private List<Arm> at(int percent, Pruner pruner) {
        String pruned = pruner == Pruner.SPARSE_GPT ? SPARSE_GPT : "";
        WeightPruningSpec weights = weights(percent, pruner, CALIBRATION);
        WeightPruningSpec pool = weights(percent, pruner, clients * CALIBRATION);
        return List.of(
                new Arm(
                        name(CENTRALISED, percent) + pruned,
                        List.of(prune(pool, MEAN, null)),
                        pooled),
                arm(name(STANDALONE, percent) + pruned, weights, standalone()),
                arm(name("l0", percent) + pruned, weights, MEAN),
                arm(
                        name(RANDOM, percent) + pruned,
                        weights,
                        new SparseAggregationSpec.RandomExpansion()),
                arm(name(FEDERATED, percent) + pruned, weights, EXPANDED),
                new Arm(
                        name(FEDERATED + "-sampled", percent) + pruned,
                        prune(weights, EXPANDED, Strength.sampled())));
    }

    private static SparseAggregationSpec standalone() {
        return new SparseAggregationSpec.Standalone();
    }

    private static Arm arm(String name, WeightPruningSpec weights, SparseAggregationSpec rule) {
        return new Arm(name, prune(weights, rule, null));
    }

    /** Pruned together, then trained together. */
    private Arm healed(int percent) {
        Tuning tuning =
                new Tuning(
                        new AdapterSpec(RANK, ALPHA, 0.0, targets),
                        1,
                        BATCH,
                        healing.maxExamples());
        Tuning.Way way = Tuning.Way.dense(new AggregationSpec.FedAvg(null));
        int last = healing.rounds() / LAST_SHARE;
        return new Arm(
                name(HEALED, percent),
                List.of(
                        prune(weights(percent, Pruner.WANDA, CALIBRATION), EXPANDED, null),
                        tuning.phase(healing.rounds() - last, RATE, EVERYONE, way),
                        tuning.phase(last, LAST_RATE * RATE, EVERYONE, way)));
    }

    private static PhaseSpec.Prune prune(
            WeightPruningSpec weights,
            SparseAggregationSpec rule,
            @Nullable LayerSamplingSpec layers) {
        return new PhaseSpec.Prune(
                1, EVERYONE, weights, layers, rule, Tuning.DEADLINE, Tuning.QUORUM);
    }

    private static WeightPruningSpec weights(int percent, Pruner pruner, int samples) {
        return new WeightPruningSpec(
                share(percent),
                null,
                Schedule.LINEAR,
                pruner,
                CutRule.EXACT,
                samples,
                DAMPENING,
                BLOCK);
    }

    /** The nearest 64th, exactly. */
    static BigDecimal share(int percent) {
        long parts = Math.round(percent * PARTS / 100.0);
        return BigDecimal.valueOf(parts).divide(BigDecimal.valueOf(PARTS));
    }

    /** For the report. */
    static List<String> told() {
        return List.of(
                "%d windows of calibration text a client; the pooled arm has as many as all clients together"
                        .formatted(CALIBRATION),
                "sparsities: the nearest 64ths, so that rows of 64, 128 and more can meet them",
                "healing: rank %d, alpha %s, every linear layer, batches of %d, rate %s, a quarter of it in the last third"
                        .formatted(RANK, ALPHA, BATCH, RATE));
    }
}
