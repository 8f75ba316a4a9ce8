package dev.espalier.benchmarks.heads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class HeadArmsTest {

    private static final double DENSE_RATE = 0.001;
    private static final double PRUNED_RATE = 0.003;
    private static final double LAST_RATE = 0.0002;
    private static final HeadArms.Rates RATES =
            new HeadArms.Rates(DENSE_RATE, PRUNED_RATE, LAST_RATE);
    private static final HeadArms ARMS =
            new HeadArms(HeadSize.DEFAULT.newsgroups(), List.of("query", "value"), RATES, 0.25);
    private static final Map<String, Arm> BY_NAME =
            ARMS.all().stream().collect(Collectors.toMap(Arm::name, Function.identity()));

    @Test
    void theArmsAreThoseOfTheExperiment() {
        assertThat(ARMS.all())
                .extracting(Arm::name)
                .containsExactly(
                        "dense",
                        "head-weighted-25",
                        "head-weighted-50",
                        "head-weighted-75",
                        "head-weighted-90",
                        "head-weighted-90-top",
                        "removed-heads-90",
                        "random-heads-90",
                        "plain-average-90",
                        "loss-difference-90");
    }

    @ParameterizedTest
    @EnumSource
    void aSmallerSizeLeavesOutArmsAndChangesNone(HeadSize size) {
        HeadArms arms = arms(size.newsgroups());

        assertThat(arms.all()).containsAll(arms.compared()).containsAll(arms.few());
        assertThat(arms.compared())
                .extracting(Arm::name)
                .contains(HeadArms.DENSE, HeadArms.PRUNED, HeadArms.PRUNED_TOP);
    }

    @ParameterizedTest
    @CsvSource({
        "head-weighted-25, 0.25",
        "head-weighted-50, 0.50",
        "head-weighted-75, 0.75",
        "head-weighted-90, 0.90",
        "head-weighted-90-top, 0.90",
        "removed-heads-90, 0.90",
        "random-heads-90, 0.90",
        "plain-average-90, 0.90",
        "loss-difference-90, 0.90"
    })
    void theNameSaysHowManyHeadsGo(String arm, BigDecimal sparsity) {
        assertThat(pruned(BY_NAME.get(arm)))
                .isNotEmpty()
                .allSatisfy(phase ->
                        assertThat(phase.pruning().heads().sparsity()).isEqualTo(sparsity));
    }

    @Test
    void theDenseArmIsPlainFederatedAveraging() {
        assertThat(phases("dense"))
                .allSatisfy(phase -> {
                    assertThat(phase.pruning()).isNull();
                    assertThat(phase.aggregation()).isInstanceOf(AggregationSpec.FedAvg.class);
                });
    }

    @Test
    void selectionByLossDiffersInSelectionOnly() {
        assertThat(BY_NAME.get("loss-difference-90").selection())
                .isInstanceOf(SelectionSpec.LossDifference.class);
        assertThat(phases("loss-difference-90"))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("selection")
                .isEqualTo(phases("head-weighted-90"));
    }

    @Test
    void allOthersAreSelectedUniformlyInTheSameShare() {
        assertThat(BY_NAME.values())
                .filteredOn(arm -> !arm.name().equals("loss-difference-90"))
                .allMatch(arm -> arm.selection().equals(new SelectionSpec.Uniform(0.25)));
    }

    static Stream<HeadSize.Course> courses() {
        return Stream.of(HeadSize.values())
                .flatMap(size -> Stream.of(size.newsgroups(), size.pairs(), size.texts()))
                .filter(Objects::nonNull);
    }

    @ParameterizedTest
    @MethodSource("courses")
    void everyArmTrainsTheLastThirdOfItsRoundsAtTheSameLowerRate(HeadSize.Course course) {
        for (Arm arm : arms(course).all()) {
            double rate = arm.name().equals("dense") ? DENSE_RATE : PRUNED_RATE;
            PhaseSpec.FineTune last = arm.tuning().getLast();

            assertThat(arm.rounds()).isEqualTo(course.rounds());
            assertThat(last.rounds()).isEqualTo(course.rounds() / 3).isPositive();
            assertThat(last.training().learningRate()).isEqualTo(LAST_RATE);
            assertThat(rateBefore(last, arm)).isEqualTo(rate);
        }
    }

    private static double rateBefore(PhaseSpec.FineTune last, Arm arm) {
        return arm.tuning().get(arm.tuning().indexOf(last) - 1).training().learningRate();
    }

    @ParameterizedTest
    @MethodSource("courses")
    void whereHeadsAreFrozenTheFirstRoundIsThatOfTheDenseArm(HeadSize.Course course) {
        List<Arm> arms = arms(course).all();
        PhaseSpec.FineTune dense = arms.getFirst().tuning().getFirst();
        for (Arm arm : arms.subList(1, arms.size())) {
            PhaseSpec.FineTune first = arm.tuning().getFirst();
            if (arm.name().equals("removed-heads-90")) {
                assertThat(arm.tuning()).allMatch(phase -> phase.pruning() != null);
            } else {
                assertThat(first.rounds()).isOne();
                assertThat(first)
                        .usingRecursiveComparison()
                        .ignoringFields("rounds", "selection")
                        .isEqualTo(dense);
                assertThat(pruned(arm)).allMatch(phase -> phase.pruning() != null);
            }
        }
    }

    @Test
    void theBaselinesDifferInOneThingEach() {
        assertThat(heads("random-heads-90").score()).isEqualTo(HeadPruningSpec.Score.RANDOM);
        assertThat(heads("head-weighted-90-top").ranking())
                .isEqualTo(HeadPruningSpec.Ranking.TOP_BLOCKS);
        assertThat(heads("removed-heads-90").mode()).isEqualTo(HeadPruningSpec.Mode.REMOVE);
        assertThat(phases("plain-average-90"))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("aggregation")
                .isEqualTo(phases("head-weighted-90"));
    }

    private static HeadArms arms(HeadSize.Course course) {
        return new HeadArms(course, List.of("query"), RATES, 0.25);
    }

    private static List<PhaseSpec.FineTune> phases(String arm) {
        return BY_NAME.get(arm).tuning();
    }

    /** The phases after the dense round, if there is one. */
    private static List<PhaseSpec.FineTune> pruned(Arm arm) {
        return arm.tuning().subList(arm.tuning().size() - 2, arm.tuning().size());
    }

    private static HeadPruningSpec heads(String arm) {
        return phases(arm).getLast().pruning().heads();
    }
}
