package dev.espalier.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoalTest {

    private static final Goal DROP =
            new Goal("drop", "pruned", "dense", Figure.ACCURACY, Goal.Kind.DROP_BELOW, 2);
    private static final Goal UPLOAD =
            new Goal("upload", "pruned", "dense", Figure.BYTES_UP, Goal.Kind.TIMES_LESS, 1.79);
    private static final Goal FEWER =
            new Goal("rounds", "pruned", "dense", Figure.ROUNDS_TO_TARGET, Goal.Kind.FEWER, 0);

    @ParameterizedTest(name = "{0} against {1}: a drop of {2} points")
    @CsvSource({"0.60, 0.61, 1.0, true", "0.62, 0.60, -2.0, true", "0.55, 0.60, 5.0, false"})
    void aDropCountsInPointsOfPercent(double pruned, double dense, double points, boolean met) {
        Goal.Verdict verdict =
                DROP.judge(Map.of("pruned", figures(pruned, 1), "dense", figures(dense, 1)));

        assertThat(verdict.measured()).isCloseTo(points, Offset.offset(1e-9));
        assertThat(verdict.met()).isEqualTo(met);
        assertThat(verdict.missedBy() == null).isEqualTo(met);
    }

    @Test
    void twoPointsAreNotUnderTwoPoints() {
        Goal.Verdict verdict =
                DROP.judge(Map.of("pruned", figures(0.5, 1), "dense", figures(0.53125, 1)));

        assertThat(verdict.met()).isFalse();
        assertThat(verdict.missedBy()).isEqualTo(1.125);
    }

    @ParameterizedTest(name = "{0} bytes against {1}")
    @CsvSource({"100, 179, true, ", "100, 178, false, 0.01"})
    void timesLessAreTimesOfTheComparedArm(long pruned, long dense, boolean met, Double missedBy) {
        Goal.Verdict verdict =
                UPLOAD.judge(Map.of("pruned", figures(0.5, pruned), "dense", figures(0.5, dense)));

        assertThat(verdict.met()).isEqualTo(met);
        if (missedBy != null) {
            assertThat(verdict.missedBy()).isCloseTo(missedBy, Offset.offset(1e-9));
        }
    }

    @Test
    void whatWasNotMeasuredIsNotMet() {
        Goal.Verdict notRun = DROP.judge(Map.of("dense", figures(0.6, 1)));
        Goal.Verdict notScored =
                DROP.judge(Map.of("pruned", figures(null, 1), "dense", figures(0.6, 1)));

        assertThat(notRun.met()).isFalse();
        assertThat(notRun.measured()).isNull();
        assertThat(notScored.met()).isFalse();
    }

    @ParameterizedTest(name = "{0} bytes against {1}")
    @CsvSource({"52, 100, true", "50, 100, true", "53, 100, false"})
    void percentLessAreOfTheComparedArm(long arm, long against, boolean met) {
        Goal goal =
                new Goal("upload", "pruned", "dense", Figure.BYTES_UP, Goal.Kind.PERCENT_LESS, 48);

        Goal.Verdict verdict =
                goal.judge(Map.of("pruned", figures(0.5, arm), "dense", figures(0.5, against)));

        assertThat(verdict.measured()).isCloseTo(against - arm, Offset.offset(1e-9));
        assertThat(verdict.met()).isEqualTo(met);
    }

    @Test
    void aPointAtMostIsOnePointToo() {
        Goal goal =
                new Goal(
                        "drop", "pruned", "dense", Figure.ACCURACY, Goal.Kind.DROP_AT_MOST, 1.5625);

        assertThat(
                        goal.judge(Map.of("pruned", figures(0.484375, 1), "dense", figures(0.5, 1)))
                                .met())
                .isTrue();
    }

    @ParameterizedTest(name = "{0} rounds against {1}")
    @CsvSource({
        "3, 4, true, 1",
        "4, 4, false, 0",
        "5, 4, false, -1",
        "3, , true, ",
        ", 4, false, ",
        ", , false, "
    })
    void everyNumberOfRoundsIsFewerThanNever(
            Double arm, Double against, boolean met, Double measured) {
        Goal.Verdict verdict =
                FEWER.judge(Map.of("pruned", reached(arm), "dense", reached(against)));

        assertThat(verdict.met()).isEqualTo(met);
        assertThat(verdict.measured()).isEqualTo(measured);
        assertThat(verdict.value()).isEqualTo(arm);
        assertThat(verdict.comparedWith()).isEqualTo(against);
        assertThat(verdict.missedBy() == null).isEqualTo(met || measured == null);
    }

    @Test
    void anArmThatWasNotRunIsNotOneThatNeverGotThere() {
        assertThat(FEWER.judge(Map.of("pruned", reached(3.0))).met()).isFalse();
    }

    @ParameterizedTest(name = "{0} against {1}")
    @CsvSource({"99, 100, true, 1", "100, 100, false, 0", "103, 100, false, -3"})
    void aLowerPerplexityIsBetter(double arm, double against, boolean met, double measured) {
        Goal goal =
                new Goal("b", "pruned", "dense", Figure.PERPLEXITY, Goal.Kind.PERCENT_BETTER, 0);
        Goal.Verdict verdict =
                goal.judge(Map.of("pruned", perplexity(arm), "dense", perplexity(against)));

        assertThat(verdict.met()).isEqualTo(met);
        assertThat(verdict.measured()).isCloseTo(measured, Offset.offset(1e-9));
    }

    @ParameterizedTest(name = "{0} against {1}")
    @CsvSource({"99, 100, true", "103, 100, true", "104, 100, false"})
    void withinSoManyPercentIsBelowTooHowFarSoever(double arm, double against, boolean met) {
        Goal goal =
                new Goal(
                        "near",
                        "pruned",
                        "dense",
                        Figure.PERPLEXITY,
                        Goal.Kind.PERCENT_ABOVE_AT_MOST,
                        3.0001);

        assertThat(
                        goal.judge(Map.of("pruned", perplexity(arm), "dense", perplexity(against)))
                                .met())
                .isEqualTo(met);
    }

    @ParameterizedTest(name = "healed {0}")
    @CsvSource({"75, 50, true", "76, 48, false", "50, 100, true", "120, -40, false"})
    void aGapIsClosedFromItsOriginOn(double healed, double measured, boolean met) {
        Goal goal = Goal.gapClosed("h", "healed", "pruned", "dense", Figure.PERPLEXITY, 50);
        Goal.Verdict verdict =
                goal.judge(
                        Map.of(
                                "healed",
                                perplexity(healed),
                                "pruned",
                                perplexity(100),
                                "dense",
                                perplexity(50)));

        assertThat(verdict.measured()).isCloseTo(measured, Offset.offset(1e-9));
        assertThat(verdict.met()).isEqualTo(met);
    }

    @Test
    void aGapWithoutItsOriginIsNotMeasured() {
        Goal goal = Goal.gapClosed("h", "healed", "pruned", "dense", Figure.PERPLEXITY, 50);
        Goal.Verdict verdict =
                goal.judge(Map.of("healed", perplexity(75), "dense", perplexity(50)));

        assertThat(verdict.measured()).isNull();
        assertThat(verdict.met()).isFalse();
    }

    private static Result perplexity(double perplexity) {
        return new Result(
                new Figures(
                        null,
                        null,
                        null,
                        null,
                        perplexity,
                        1.0,
                        0.5,
                        1,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        1,
                        1),
                null);
    }

    private static Result reached(Double rounds) {
        return new Result(figures(0.5, 1).figures(), rounds);
    }

    private static Result figures(Double accuracy, long bytesUp) {
        return new Result(
                new Figures(
                        accuracy, null, null, null, null, 1.0, null, bytesUp, 0, 0, 0, 0, 0, 0, 0,
                        0, 1, 1),
                null);
    }
}
