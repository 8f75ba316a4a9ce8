package dev.espalier.benchmarks.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.benchmarks.experiment.Jobs;
import dev.espalier.benchmarks.experiment.ModelShape;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.HeadPruningSpec.Mode;
import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForecastTest {

    private static final Stride MINILM = new Stride(new ModelShape(6, 12, 384, 1536), 64, 8, 3);
    private static final Pace PACE = new Pace(0.5, 0.125, 0);

    /** 35 steps of four examples each; the pace is that of sixteen. */
    private static final double TRAINING = 35 * 0.5 * 4 / 16;

    @Test
    void stepsAreThoseOfAllClientsRoundsAndSeeds() {
        // ada: min(10, 16) rows in batches of 4 are 3 steps; bob: min(40, 16) are 4; mean 3.5
        Forecast.Line line = forecast(List.of(7L)).lines().getFirst();

        assertThat(line.steps()).isEqualTo(2 * 5 * 7 / 2);
        assertThat(line.trainSeconds()).isEqualTo(TRAINING);
    }

    @Test
    void everythingIsTrainingAndOverheadAndEvaluation() {
        Forecast forecast = forecast(List.of(7L));
        double evaluations = 5 * 2 * 0.125 + 4 * 0.125; // 5 of 20 rows, 1 of 64, in batches of 16

        assertThat(forecast.lines().getFirst().seconds())
                .isCloseTo(TRAINING + 5 * 3 + evaluations, Offset.offset(1e-9));
        assertThat(forecast.rounds().get("dense"))
                .isEqualTo(Duration.ofMillis(Math.round(200 * (TRAINING + 15 + evaluations))));
    }

    @Test
    void twoSeedsTakeTwiceAsLong() {
        Forecast.Line one = forecast(List.of(7L)).lines().getFirst();
        Forecast.Line two = forecast(List.of(7L, 8L)).lines().getFirst();

        assertThat(two.seconds()).isCloseTo(2 * one.seconds(), Offset.offset(1e-9));
        assertThat(two.steps()).isEqualTo(2 * one.steps());
    }

    @Test
    void aDenseStepIsTheWholeOfADenseStep() {
        assertThat(MINILM.share(null, 0)).isEqualTo(1);
        assertThat(MINILM.share(pruning(Ranking.GLOBAL), 0)).isCloseTo(1, Offset.offset(1e-12));
    }

    @ParameterizedTest
    @EnumSource
    void moreSparsityNeverTakesLonger(Ranking ranking) {
        double before = 1;
        for (int percent = 0; percent <= 95; percent += 5) {
            double share = MINILM.share(pruning(ranking), percent / 100.0);

            assertThat(share).as("at %d %%", percent).isPositive().isLessThan(before + 1e-12);
            before = share;
        }
    }

    @Test
    void frozenHeadsAreRunForwardAndBackwardAllTheSame() {
        assertThat(MINILM.share(pruning(Ranking.GLOBAL, Mode.FREEZE), 0.9)).isEqualTo(1);
        assertThat(MINILM.share(pruning(Ranking.TOP_BLOCKS, Mode.FREEZE), 0.9))
                .isGreaterThan(MINILM.share(pruning(Ranking.TOP_BLOCKS), 0.9))
                .isLessThan(0.5);
    }

    @Test
    void fillingTheTopBlocksFirstSavesTheBackwardPassBelow() {
        double anywhere = MINILM.share(pruning(Ranking.GLOBAL), 0.9);
        double top = MINILM.share(pruning(Ranking.TOP_BLOCKS), 0.9);

        // 8 of 72 heads leave the feed-forward networks: forward and backward; at the top alone,
        // below it forward once in three epochs
        assertThat(anywhere).isBetween(0.6, 0.75);
        assertThat(top).isBetween(0.2, 0.3);
    }

    @Test
    void everyPhaseOfAnArmCounts() {
        Arm one = Jobs.arm("dense", 5);
        Arm two = new Arm("twice", List.of(one.phases().getFirst(), one.phases().getFirst()));
        Forecast.Line once = forecast(one, List.of(7L)).lines().getFirst();
        Forecast.Line twice = forecast(two, List.of(7L)).lines().getFirst();

        assertThat(twice.steps()).isEqualTo(2 * once.steps());
        assertThat(twice.trainSeconds()).isEqualTo(2 * once.trainSeconds());
    }

    private static HeadPruningSpec pruning(Ranking ranking) {
        return pruning(ranking, Mode.REMOVE);
    }

    private static HeadPruningSpec pruning(Ranking ranking, Mode mode) {
        return new HeadPruningSpec(
                BigDecimal.ZERO,
                null,
                null,
                ranking,
                null,
                mode,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static Forecast forecast(List<Long> seeds) {
        return forecast(Jobs.arm("dense", 5), seeds);
    }

    private static Forecast forecast(Arm arm, List<Long> seeds) {
        Study study =
                Jobs.study(
                        List.of(arm),
                        seeds,
                        holding("ada", AgentPlan.Work.TRAIN, "mail", 10),
                        holding("bob", AgentPlan.Work.TRAIN, "mail", 40),
                        holding("eve", AgentPlan.Work.EVALUATE, "mail-validation", 20),
                        holding("fay", AgentPlan.Work.EVALUATE, "mail-test", 64));
        return new Forecast(study, PACE);
    }

    private static Holding holding(String name, AgentPlan.Work work, String data, int rows) {
        return new Holding(
                new AgentPlan(
                        new AgentName(name), work, new DataName(data), Path.of(name + ".jsonl")),
                rows);
    }
}
