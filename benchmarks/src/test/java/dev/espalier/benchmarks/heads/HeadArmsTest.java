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
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HeadArmsTest {

    private static final HeadArms ARMS =
            new HeadArms(HeadSize.DEFAULT.newsgroups(), List.of("query", "value"), 0.001, 0.25);
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
        HeadArms arms = new HeadArms(size.newsgroups(), List.of("query"), 0.001, 0.25);

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
        assertThat(heads(arm).sparsity()).isEqualTo(sparsity);
    }

    @Test
    void theDenseArmIsPlainFederatedAveraging() {
        assertThat(phase("dense").pruning()).isNull();
        assertThat(phase("dense").aggregation()).isInstanceOf(AggregationSpec.FedAvg.class);
    }

    @Test
    void selectionByLossDiffersInSelectionOnly() {
        PhaseSpec.FineTune pruned = phase("head-weighted-90");
        PhaseSpec.FineTune byLoss = phase("loss-difference-90");

        assertThat(byLoss.selection()).isInstanceOf(SelectionSpec.LossDifference.class);
        assertThat(byLoss).usingRecursiveComparison().ignoringFields("selection").isEqualTo(pruned);
    }

    @Test
    void allOthersAreSelectedUniformlyInTheSameShare() {
        assertThat(BY_NAME.values())
                .filteredOn(arm -> !arm.name().equals("loss-difference-90"))
                .allMatch(arm -> arm.phase().selection().equals(new SelectionSpec.Uniform(0.25)));
    }

    @Test
    void theBaselinesDifferInOneThingEach() {
        assertThat(heads("random-heads-90").score()).isEqualTo(HeadPruningSpec.Score.RANDOM);
        assertThat(heads("head-weighted-90-top").ranking())
                .isEqualTo(HeadPruningSpec.Ranking.TOP_BLOCKS);
        assertThat(heads("removed-heads-90").mode()).isEqualTo(HeadPruningSpec.Mode.REMOVE);
        assertThat(phase("plain-average-90"))
                .usingRecursiveComparison()
                .ignoringFields("aggregation")
                .isEqualTo(phase("head-weighted-90"));
    }

    private static PhaseSpec.FineTune phase(String arm) {
        return BY_NAME.get(arm).phase();
    }

    private static HeadPruningSpec heads(String arm) {
        return phase(arm).pruning().heads();
    }
}
