package dev.espalier.benchmarks.heads;

import dev.espalier.benchmarks.experiment.Arm;
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
import dev.espalier.protocol.job.TrainingSpec;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arms of one study: they differ in what is pruned, how it is combined, or how clients are
 * selected, and in nothing else.
 */
record HeadArms(
        HeadSize.Course course, List<String> targets, double learningRate, double fraction) {

    static final String DENSE = "dense";
    static final String PRUNED = "head-weighted-90";
    static final String PRUNED_TOP = "head-weighted-90-top";

    static final int RANK = 8;
    static final double ALPHA = 16;
    static final int EPOCHS = 3;
    static final int BATCH = 16;
    static final double WEIGHT_DECAY = 0.01;

    /** A seventh of what a client trains on in the quick size. */
    private static final int CALIBRATION_SAMPLES = 16;

    private static final int FORCED_KEEP_AFTER = 3;
    private static final double AGEING = 0.9;

    /** Of candidates that tell their loss: enough to rank them, and quickly done. */
    private static final int LOSS_SAMPLES = 64;

    /** A round must outlive the night in which somebody closes the laptop. */
    private static final Duration DEADLINE = Duration.ofDays(2);

    private static final AggregationSpec AVERAGE = new AggregationSpec.FedAvg(null);
    private static final AggregationSpec HEAD_WEIGHTED =
            new AggregationSpec.HeadWeighted(Weighting.N_TIMES_CONF, null);

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
                arm("removed-heads-90", removed(), HEAD_WEIGHTED, uniform()),
                arm(
                        "random-heads-90",
                        frozen(90, Ranking.GLOBAL, Score.RANDOM),
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

    AdapterSpec adapter() {
        return new AdapterSpec(RANK, ALPHA, 0.0, targets);
    }

    private Arm dense() {
        return arm(DENSE, null, AVERAGE, uniform());
    }

    private Arm headWeighted(int percent) {
        return arm("head-weighted-" + percent, byConfidence(percent), HEAD_WEIGHTED, uniform());
    }

    private Arm topFirst() {
        HeadPruningSpec heads = frozen(90, Ranking.TOP_BLOCKS, Score.CONFIDENCE);
        return arm(PRUNED_TOP, heads, HEAD_WEIGHTED, uniform());
    }

    private static HeadPruningSpec byConfidence(int percent) {
        return frozen(percent, Ranking.GLOBAL, Score.CONFIDENCE);
    }

    /** Pruned heads stay in the forward pass; the first round is dense. */
    private static HeadPruningSpec frozen(int percent, Ranking ranking, Score score) {
        return pruning(percent, ranking, score, Mode.FREEZE, BigDecimal.ZERO);
    }

    /** The method in its plainest reading: heads are taken out, from the first round on. */
    private static HeadPruningSpec removed() {
        return pruning(90, Ranking.GLOBAL, Score.CONFIDENCE, Mode.REMOVE, null);
    }

    /**
     * @param first sparsity of the first round; absent: as the others
     */
    private static HeadPruningSpec pruning(
            int percent, Ranking ranking, Score score, Mode mode, @Nullable BigDecimal first) {
        return new HeadPruningSpec(
                BigDecimal.valueOf(percent, 2),
                first,
                first == null ? null : 2,
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
                fraction, 1.0, AGEING, new SelectionSpec.ScoringSpec(LOSS_SAMPLES, DEADLINE));
    }

    private Arm arm(
            String name,
            @Nullable HeadPruningSpec heads,
            AggregationSpec aggregation,
            SelectionSpec selection) {
        return new Arm(
                name,
                new PhaseSpec.FineTune(
                        course.rounds(),
                        selection,
                        adapter(),
                        heads == null ? null : new PruningSpec(heads),
                        null,
                        null,
                        aggregation,
                        training(),
                        DEADLINE,
                        1.0));
    }

    private TrainingSpec training() {
        return new TrainingSpec(
                EPOCHS,
                BATCH,
                learningRate,
                TrainingSpec.LearningRateSchedule.LINEAR,
                0.0,
                WEIGHT_DECAY,
                1.0,
                course.maxExamples());
    }
}
