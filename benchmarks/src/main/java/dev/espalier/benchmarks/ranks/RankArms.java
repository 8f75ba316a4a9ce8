package dev.espalier.benchmarks.ranks;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Tuning;
import dev.espalier.benchmarks.measure.Figure;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.ZeroPadding.Space;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.HeadPruningSpec.Mode;
import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import dev.espalier.protocol.job.HeadPruningSpec.Score;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.PruningSpec;
import dev.espalier.protocol.job.QuantisationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.RankSpec.Variant;
import dev.espalier.protocol.job.SelectionSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The arms of the experiment: they differ in which components a client trains and in how updates
 * are combined, and in nothing else; {@code composed} prunes heads and sends 8 bits besides.
 *
 * @param rounds of all phases
 * @param learningRate of all but the last third of the rounds
 */
record RankArms(int rounds, @Nullable Integer maxExamples, double learningRate) {

    static final String HOMOGENEOUS = "homogeneous";
    static final String ADAPTIVE = "freezing-adaptive";
    static final String PADDED = "freezing-zero-padding";
    static final String PADDED_DELTA = "freezing-zero-padding-delta";
    static final String HETLORA = "hetlora";
    static final String COMPOSED = "composed";

    private static final int RANK = 8;

    /** So small that what a round does to the adapter does not outrun its task head. */
    private static final double ALPHA = 8;

    private static final int EPOCHS = 1;

    /** Many small steps, since rounds are short. */
    private static final int BATCH = 8;

    /** Rates of the last rounds, so that a model comes to rest before it is judged. */
    static final double LAST_RATE = 0.25;

    private static final int LAST_SHARE = 3;
    private static final List<String> TARGETS = List.of("query", "value");

    /** AdaLoRA's smoothing (algorithms.md B.6). */
    private static final ImportanceSpec IMPORTANCE =
            new ImportanceSpec(
                    ImportanceSpec.Score.SMOOTHED, ImportanceSpec.Source.UPDATE_PROXY, 0.85, 0.85);

    private static final int STARVATION_EVERY = 10;

    /**
     * The strong tier trains every component in every round, so that after one round all have been
     * measured (algorithms.md B.8 #9).
     */
    private static final int COLD_START_ROUNDS = 1;

    private static final BigDecimal SPARSITY = new BigDecimal("0.75");
    private static final int CALIBRATION_SAMPLES = 16;
    private static final int BITS = 8;

    private static final AggregationSpec BY_COMPONENT =
            new AggregationSpec.RankAdaptive(AggregationSpec.RankAdaptive.Weighting.N, null);
    private static final AggregationSpec CELLS =
            new AggregationSpec.HeadWeighted(
                    AggregationSpec.HeadWeighted.Weighting.N_TIMES_CONF, null);
    private static final AggregationSpec STACKED = new AggregationSpec.Stacking(null);
    private static final AggregationSpec OPTIMAL = new AggregationSpec.RankOptimal(null);

    /** Only what a goal compares. */
    List<Arm> compared() {
        TierSet tiers = TierSet.USUAL;
        return List.of(
                homogeneous(),
                adaptive(tiers),
                padded(tiers, Space.PARAMETER),
                padded(tiers, Space.DELTA),
                hetLora(tiers),
                composed(tiers));
    }

    /** The arms of the issue, with the usual tiers. */
    List<Arm> usual() {
        return Stream.concat(compared().stream(), alternatives(TierSet.USUAL).stream()).toList();
    }

    /** With both sets of tiers. */
    List<Arm> all() {
        TierSet tiers = TierSet.HIGHER;
        List<Arm> all = new ArrayList<>(usual());
        all.addAll(
                List.of(
                        adaptive(tiers),
                        padded(tiers, Space.PARAMETER),
                        padded(tiers, Space.DELTA),
                        hetLora(tiers),
                        composed(tiers)));
        all.addAll(alternatives(tiers));
        return List.copyOf(all);
    }

    /** What freezing with aggregation by component has to reach, alone and composed. */
    static List<Goal> goals() {
        return List.of(
                fewerRounds(PADDED),
                fewerRounds(PADDED_DELTA),
                fewerRounds(HETLORA),
                goal("accuracy-drop", ADAPTIVE, Figure.ACCURACY, Goal.Kind.DROP_AT_MOST, 1),
                goal("upload", ADAPTIVE, Figure.BYTES_UP, Goal.Kind.PERCENT_LESS, 48),
                goal("accuracy-drop", COMPOSED, Figure.ACCURACY, Goal.Kind.DROP_BELOW, 2),
                goal("upload", COMPOSED, Figure.BYTES_UP, Goal.Kind.TIMES_LESS, 10));
    }

    private static Goal fewerRounds(String against) {
        return new Goal(
                "fewer-rounds", ADAPTIVE, against, Figure.ROUNDS_TO_TARGET, Goal.Kind.FEWER, 0);
    }

    private static Goal goal(String id, String arm, Figure figure, Goal.Kind kind, double bound) {
        return new Goal(id, arm, HOMOGENEOUS, figure, kind, bound);
    }

    /** Dense LoRA in f32. */
    private Arm homogeneous() {
        return arm(HOMOGENEOUS, Tuning.Way.dense(new AggregationSpec.FedAvg(null)));
    }

    private Arm adaptive(TierSet tiers) {
        return arm(ADAPTIVE, Variant.FREEZING, tiers, BY_COMPONENT);
    }

    private Arm padded(TierSet tiers, Space space) {
        String name = space == Space.DELTA ? PADDED_DELTA : PADDED;
        AggregationSpec rule =
                new AggregationSpec.ZeroPadding(
                        space, AggregationSpec.ZeroPadding.Weighting.N, null);
        return arm(name, Variant.FREEZING, tiers, rule);
    }

    private Arm hetLora(TierSet tiers) {
        AggregationSpec rule =
                new AggregationSpec.ZeroPadding(
                        Space.PARAMETER, AggregationSpec.ZeroPadding.Weighting.NORM, null);
        return arm(HETLORA, Variant.PREFIX, tiers, rule);
    }

    /** After stacking, and after a decomposition, no component is the one it was. */
    private List<Arm> alternatives(TierSet tiers) {
        return List.of(
                arm("truncation-adaptive", Variant.TRUNCATION, tiers, BY_COMPONENT),
                arm("stacking", Variant.PREFIX, tiers, STACKED),
                arm("qr-svd", Variant.PREFIX, tiers, OPTIMAL));
    }

    /** The tiers of {@code freezing-adaptive}, a quarter of the heads, a byte for a value. */
    private Arm composed(TierSet tiers) {
        RankSpec ranks = ranks(Variant.FREEZING, tiers);
        QuantisationSpec bytes = new QuantisationSpec(BITS, null, null);
        return new Arm(
                COMPOSED + tiers.suffix(),
                phases(part -> {
                    PruningSpec pruning = new PruningSpec(heads(part.isFirst()));
                    return new Tuning.Way(pruning, ranks, bytes, CELLS);
                }));
    }

    /**
     * Frozen, in the end a quarter of every block's left, so that all blocks go on learning. All
     * heads are trained in the first round and fewer in each of the first half, as far as the bytes
     * of the goal allow. None is forced upon a client: what is uploaded stays what was asked.
     */
    private HeadPruningSpec heads(boolean first) {
        return new HeadPruningSpec(
                SPARSITY,
                first ? BigDecimal.ZERO : null,
                first ? Math.max(2, rounds / 2) : null,
                Ranking.PER_BLOCK,
                0,
                Mode.FREEZE,
                Score.CONFIDENCE,
                CALIBRATION_SAMPLES,
                true,
                true,
                true,
                0);
    }

    private static RankSpec ranks(Variant variant, TierSet tiers) {
        Integer coldStart =
                switch (variant) {
                    case FREEZING, TRUNCATION -> COLD_START_ROUNDS;
                    case PREFIX, HOMOGENEOUS -> null;
                };
        return new RankSpec(variant, tiers.allotment(), IMPORTANCE, coldStart, STARVATION_EVERY);
    }

    private Arm arm(String name, Variant variant, TierSet tiers, AggregationSpec aggregation) {
        return arm(name + tiers.suffix(), Tuning.Way.ofRanks(ranks(variant, tiers), aggregation));
    }

    private Arm arm(String name, Tuning.Way way) {
        return new Arm(name, phases(part -> way));
    }

    /** Some rounds at one rate. */
    private record Stretch(int rounds, double rate, boolean isFirst) {}

    /** The last third, rounded down, at a quarter of the rate. */
    private List<PhaseSpec> phases(Function<Stretch, Tuning.Way> way) {
        int last = rounds / LAST_SHARE;
        Tuning tuning = tuning();
        List<PhaseSpec> phases = new ArrayList<>();
        for (Stretch part :
                List.of(
                        new Stretch(rounds - last, learningRate, true),
                        new Stretch(last, LAST_RATE * learningRate, false))) {
            if (part.rounds() > 0) {
                phases.add(
                        tuning.phase(
                                part.rounds(),
                                part.rate(),
                                new SelectionSpec.All(),
                                way.apply(part)));
            }
        }
        return phases;
    }

    /** What all arms have in common but for the rates. */
    Tuning tuning() {
        AdapterSpec adapter = new AdapterSpec(RANK, ALPHA, 0.0, TARGETS);
        return new Tuning(adapter, EPOCHS, BATCH, maxExamples);
    }
}
