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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class HeadArmsTest {

    private static final HeadArms ARMS =
            new HeadArms(
                    HeadSize.DEFAULT.newsgroups(),
                    List.of("query", "value"),
                    new HeadArms.Rates(0.001, 0.002),
                    0.25);
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
        assertThat(phases(arm))
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
    void everyArmTrainsTheLastThirdOfItsRoundsAtAQuarterOfItsRate(HeadSize.Course course) {
        for (Arm arm : arms(course).all()) {
            double rate = arm.name().equals("dense") ? 0.001 : 0.002;

            assertThat(arm.rounds()).isEqualTo(course.rounds());
            assertThat(arm.phases())
                    .extracting(PhaseSpec.FineTune::rounds)
                    .containsExactly(course.rounds() - course.rounds() / 3, course.rounds() / 3);
            assertThat(arm.phases())
                    .extracting(phase -> phase.training().learningRate())
                    .containsExactly(rate, rate / 4);
        }
    }

    @ParameterizedTest
    @MethodSource("courses")
    void whereHeadsAreFrozenTheFirstRoundOfAllIsDenseAndNoOther(HeadSize.Course course) {
        for (Arm arm : arms(course).all()) {
            List<Boolean> dense = arm.phases().stream().flatMap(HeadArmsTest::denseRounds).toList();
            boolean unpruned = arm.name().equals("dense");
            boolean removed = arm.name().equals("removed-heads-90");

            assertThat(dense.getFirst()).as(arm.name()).isEqualTo(!removed);
            assertThat(dense.subList(1, dense.size())).as(arm.name()).containsOnly(unpruned);
        }
    }

    private static Stream<Boolean> denseRounds(PhaseSpec.FineTune phase) {
        return IntStream.rangeClosed(1, phase.rounds())
                .mapToObj(round ->
                        phase.pruning() == null
                                || phase.pruning()
                                                .heads()
                                                .sparsityIn(round, phase.rounds())
                                                .signum()
                                        == 0);
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
        return new HeadArms(course, List.of("query"), new HeadArms.Rates(0.001, 0.002), 0.25);
    }

    private static List<PhaseSpec.FineTune> phases(String arm) {
        return BY_NAME.get(arm).phases();
    }

    private static HeadPruningSpec heads(String arm) {
        return phases(arm).getFirst().pruning().heads();
    }
}
