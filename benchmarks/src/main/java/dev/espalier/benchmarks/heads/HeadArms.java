package dev.espalier.benchmarks.heads;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Tuning;
import dev.espalier.benchmarks.measure.Figure;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.HeadWeighted.Weighting;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.HeadPruningSpec.Mode;
import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import dev.espalier.protocol.job.HeadPruningSpec.Score;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.PruningSpec;
import dev.espalier.protocol.job.SelectionSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arms of one study: they differ in what is pruned, how it is combined, or how clients are
 * selected; and in the learning rate where heads are pruned.
 *
 * <p>Where pruned heads stay in the forward pass, the first round of all is that of the dense arm:
 * heads whose adapter is still untrained have little to say, and under {@code TOP_BLOCKS} the
 * layers below learn in no other round.
 */
record HeadArms(HeadSize.Course course, List<String> targets, Rates rates, double fraction) {

    static final String DENSE = "dense";
    static final String PRUNED = "head-weighted-90";
    static final String PRUNED_TOP = "head-weighted-90-top";

    private static final int RANK = 8;
    private static final double ALPHA = 16;
    private static final int EPOCHS = 3;
    private static final int BATCH = 16;

    /** A seventh of what a client trains on in the quick size. */
    private static final int CALIBRATION_SAMPLES = 16;

    private static final int FORCED_KEEP_AFTER = 3;
    private static final double AGEING = 0.9;

    /** Of candidates that tell their loss: enough to rank them, and quickly done. */
    private static final int LOSS_SAMPLES = 64;

    private static final AggregationSpec AVERAGE = new AggregationSpec.FedAvg(null);
    private static final AggregationSpec HEAD_WEIGHTED =
            new AggregationSpec.HeadWeighted(Weighting.N_TIMES_CONF, null);

    /**
     * Learning rates of an adapter, by round. At full rate to the end, every arm ends where the
     * last cohorts happened to pull it.
     *
     * @param dense where all heads are trained
     * @param pruned where few are, which have further to go
     * @param last in the last rounds of every arm
     */
    record Rates(double dense, double pruned, double last) {}

    /** Only what a goal compares. */
    List<Arm> compared() {
        return List.of(dense(), headWeighted(90), topFirst());
    }

    /** Dense, and two sparsities. */
    List<Arm> few() {
        return List.of(dense(), headWeighted(50), headWeighted(90), topFirst());
    }

    List<Arm> all() {
        return List.of(
                dense(),
                headWeighted(25),
                headWeighted(50),
                headWeighted(75),
                headWeighted(90),
                topFirst(),
                arm(
                        "removed-heads-90",
                        pruning(90, Ranking.GLOBAL, Score.CONFIDENCE, Mode.REMOVE),
                        HEAD_WEIGHTED,
                        uniform()),
                arm(
                        "random-heads-90",
                        pruning(90, Ranking.GLOBAL, Score.RANDOM, Mode.FREEZE),
                        HEAD_WEIGHTED,
                        uniform()),
                arm("plain-average-90", byConfidence(90), AVERAGE, uniform()),
                arm("loss-difference-90", byConfidence(90), HEAD_WEIGHTED, lossDifference()));
    }

    /** What head pruning at 90 % has to reach against dense federated averaging. */
    static List<Goal> goals(String arm, boolean accuracy, boolean seconds) {
        List<Goal> goals =
                List.of(
                        new Goal(
                                "accuracy-drop",
                                arm,
                                DENSE,
                                Figure.ACCURACY,
                                Goal.Kind.DROP_BELOW,
                                2),
                        new Goal("upload", arm, DENSE, Figure.BYTES_UP, Goal.Kind.TIMES_LESS, 1.79),
                        new Goal(
                                "attention-macs",
                                arm,
                                DENSE,
                                Figure.ATTENTION_MACS,
                                Goal.Kind.TIMES_LESS,
                                3.9),
                        new Goal(
                                "train-seconds",
                                arm,
                                DENSE,
                                Figure.TRAIN_SECONDS,
                                Goal.Kind.TIMES_LESS,
                                2.5));
        return goals.stream()
                .filter(goal -> accuracy || goal.figure() != Figure.ACCURACY)
                .filter(goal -> seconds || goal.figure() != Figure.TRAIN_SECONDS)
                .toList();
    }

    /** What all arms have in common but for the rates. */
    Tuning tuning() {
        AdapterSpec adapter = new AdapterSpec(RANK, ALPHA, 0.0, targets);
        return new Tuning(adapter, EPOCHS, BATCH, course.maxExamples());
    }

    private Arm dense() {
        return arm(DENSE, null, AVERAGE, uniform());
    }

    private Arm headWeighted(int percent) {
        return arm("head-weighted-" + percent, byConfidence(percent), HEAD_WEIGHTED, uniform());
    }

    private Arm topFirst() {
        HeadPruningSpec top = pruning(90, Ranking.TOP_BLOCKS, Score.CONFIDENCE, Mode.FREEZE);
        return arm(PRUNED_TOP, top, HEAD_WEIGHTED, uniform());
    }

    private static HeadPruningSpec byConfidence(int percent) {
        return pruning(percent, Ranking.GLOBAL, Score.CONFIDENCE, Mode.FREEZE);
    }

    private static HeadPruningSpec pruning(int percent, Ranking ranking, Score score, Mode mode) {
        return new HeadPruningSpec(
                BigDecimal.valueOf(percent, 2),
                null,
                null,
                ranking,
                0,
                mode,
                score,
                CALIBRATION_SAMPLES,
                true,
                true,
                true,
                ranking == Ranking.TOP_BLOCKS ? 0 : FORCED_KEEP_AFTER);
    }

    private SelectionSpec uniform() {
        return new SelectionSpec.Uniform(fraction);
    }

    private SelectionSpec lossDifference() {
        return new SelectionSpec.LossDifference(
                fraction,
                1.0,
                AGEING,
                new SelectionSpec.ScoringSpec(LOSS_SAMPLES, Tuning.DEADLINE));
    }

    /**
     * @param heads how many are pruned, and how; absent: none
     */
    private Arm arm(
            String name,
            @Nullable HeadPruningSpec heads,
            AggregationSpec aggregation,
            SelectionSpec selection) {
        int last = course.lastRounds();
        int dense = heads != null && heads.mode() == Mode.FREEZE ? 1 : 0;
        int early = course.rounds() - dense - last;
        double rate = heads == null ? rates.dense() : rates.pruned();
        PruningSpec pruning = heads == null ? null : new PruningSpec(heads);
        Tuning.Way way = Tuning.Way.ofHeads(pruning, aggregation);
        Tuning tuning = tuning();
        List<PhaseSpec> phases = new ArrayList<>();
        if (dense > 0) {
            phases.add(tuning.phase(dense, rates.dense(), selection, Tuning.Way.dense(AVERAGE)));
        }
        phases.add(tuning.phase(early, rate, selection, way));
        phases.add(tuning.phase(last, rates.last(), selection, way));
        return new Arm(name, phases);
    }
}
