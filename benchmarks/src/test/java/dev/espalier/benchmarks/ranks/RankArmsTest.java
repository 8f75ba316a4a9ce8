package dev.espalier.benchmarks.ranks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.ZeroPadding.Space;
import dev.espalier.protocol.job.AggregationSpec.ZeroPadding.Weighting;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.RankAllotment;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.SelectionSpec;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RankArmsTest {

    private static final RankArms ARMS = new RankArms(12, 80, 0.001);
    private static final List<String> NAMES =
            List.of(
                    "homogeneous",
                    "freezing-adaptive",
                    "freezing-zero-padding",
                    "freezing-zero-padding-delta",
                    "hetlora",
                    "composed",
                    "truncation-adaptive",
                    "stacking",
                    "qr-svd");
    private static final Map<String, Arm> BY_NAME =
            ARMS.all().stream().collect(Collectors.toMap(Arm::name, Function.identity()));

    @Test
    void theArmsAreThoseOfTheExperiment() {
        assertThat(ARMS.usual()).extracting(Arm::name).containsExactlyElementsOf(NAMES);
    }

    @Test
    void allButTheHomogeneousOneComeWithHigherTiersToo() {
        assertThat(ARMS.all())
                .extracting(Arm::name)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(
                                        NAMES.stream(),
                                        NAMES.stream().skip(1).map(name -> name + "-248"))
                                .toList());
    }

    @ParameterizedTest
    @EnumSource
    void everySizeHasTheArmsThatAGoalCompares(RankSize size) {
        List<String> names = size.arms(ARMS).stream().map(Arm::name).toList();

        assertThat(names)
                .containsAll(RankArms.goals().stream().map(Goal::arm).toList())
                .containsAll(RankArms.goals().stream().map(Goal::against).toList());
        assertThat(ARMS.all()).containsAll(size.arms(ARMS));
    }

    @ParameterizedTest
    @CsvSource({"freezing-adaptive, 8, 2, 1", "freezing-adaptive-248, 8, 4, 2"})
    void aClientsUplinkSaysHowManyComponentsItTrains(
            String arm, int strong, int middling, int weak) {
        RankAllotment.Tiers tiers = (RankAllotment.Tiers) ranks(arm).allotment();

        assertThat(rank(tiers, Tier.STRONG)).isEqualTo(strong);
        assertThat(rank(tiers, Tier.MIDDLING)).isEqualTo(middling);
        assertThat(rank(tiers, Tier.WEAK)).isEqualTo(weak);
    }

    /** As the orchestrator reads it: the first tier whose conditions are met. */
    private static int rank(RankAllotment.Tiers tiers, Tier client) {
        return tiers.tiers().stream()
                .filter(tier -> client.uplink() >= tier.minUplinkBytesPerSecond())
                .findFirst()
                .orElseThrow()
                .rank();
    }

    @Test
    void theReferenceIsDenseLoraUnderFederatedAveraging() {
        assertThat(phase("homogeneous").ranks()).isNull();
        assertThat(phase("homogeneous").quantisation()).isNull();
        assertThat(phase("homogeneous").aggregation()).isInstanceOf(AggregationSpec.FedAvg.class);
    }

    @ParameterizedTest
    @CsvSource({"freezing-zero-padding, PARAMETER", "freezing-zero-padding-delta, DELTA"})
    void zeroPaddingDiffersFromTheMethodInTheRuleAlone(String arm, Space space) {
        assertThat(phase(arm))
                .usingRecursiveComparison()
                .ignoringFields("aggregation")
                .isEqualTo(phase("freezing-adaptive"));
        assertThat(phase(arm).aggregation())
                .isEqualTo(new AggregationSpec.ZeroPadding(space, Weighting.N, null));
        assertThat(phase("freezing-adaptive").aggregation())
                .isInstanceOf(AggregationSpec.RankAdaptive.class);
    }

    @ParameterizedTest
    @CsvSource({
        "freezing-adaptive, FREEZING",
        "truncation-adaptive, TRUNCATION",
        "hetlora, PREFIX",
        "stacking, PREFIX",
        "qr-svd, PREFIX",
        "composed, FREEZING"
    })
    void theVariantIsThatOfTheMethod(String arm, RankSpec.Variant variant) {
        assertThat(ranks(arm).variant()).isEqualTo(variant);
        assertThat(ranks(arm).allotment()).isEqualTo(TierSet.USUAL.allotment());
    }

    @Test
    void hetLoraWeighsByNorm() {
        assertThat(phase("hetlora").aggregation())
                .isEqualTo(new AggregationSpec.ZeroPadding(Space.PARAMETER, Weighting.NORM, null));
        assertThat(phase("stacking").aggregation()).isInstanceOf(AggregationSpec.Stacking.class);
        assertThat(phase("qr-svd").aggregation()).isInstanceOf(AggregationSpec.RankOptimal.class);
    }

    @Test
    void theComposedArmAddsAQuarterOfTheHeadsAndABytePerValue() {
        PhaseSpec.FineTune composed = phase("composed");

        assertThat(composed.ranks()).isEqualTo(ranks("freezing-adaptive"));
        assertThat(composed.pruning().heads().sparsity()).isEqualTo(new BigDecimal("0.75"));
        assertThat(composed.quantisation().bits()).isEqualTo(8);
        assertThat(composed.aggregation()).isInstanceOf(AggregationSpec.HeadWeighted.class);
    }

    @Test
    void theComposedArmBeginsWithAllHeadsAndKeepsAQuarterInTheSecondHalf() {
        List<PhaseSpec.FineTune> phases = BY_NAME.get("composed").tuning();
        List<BigDecimal> first = sparsities(phases.getFirst());

        assertThat(first).startsWith(BigDecimal.ZERO).isSorted();
        assertThat(first.subList(0, 6)).doesNotHaveDuplicates();
        assertThat(first.subList(5, first.size())).containsOnly(new BigDecimal("0.75"));
        assertThat(sparsities(phases.getLast())).containsOnly(new BigDecimal("0.75"));
    }

    private static List<BigDecimal> sparsities(PhaseSpec.FineTune phase) {
        return IntStream.rangeClosed(1, phase.rounds())
                .mapToObj(round -> phase.pruning().heads().sparsityIn(round, phase.rounds()))
                .map(sparsity -> sparsity.signum() == 0 ? BigDecimal.ZERO : sparsity.setScale(2))
                .toList();
    }

    @Test
    void allArmsHaveTheSameCohortsTrainingAndRounds() {
        assertThat(BY_NAME.values())
                .allSatisfy(arm -> {
                    assertThat(arm.rounds()).isEqualTo(12);
                    assertThat(arm.selection()).isEqualTo(new SelectionSpec.All());
                    assertThat(arm.adapter()).isEqualTo(BY_NAME.get("homogeneous").adapter());
                    assertThat(arm.tuning())
                            .extracting(PhaseSpec.FineTune::training)
                            .isEqualTo(
                                    BY_NAME.get("homogeneous").tuning().stream()
                                            .map(PhaseSpec.FineTune::training)
                                            .toList());
                });
    }

    @Test
    void theLastThirdOfTheRoundsHasAQuarterOfTheRate() {
        assertThat(BY_NAME.get("homogeneous").tuning())
                .extracting(PhaseSpec.FineTune::rounds, phase -> phase.training().learningRate())
                .containsExactly(tuple(8, 0.001), tuple(4, 0.00025));
    }

    private static PhaseSpec.FineTune phase(String arm) {
        return BY_NAME.get(arm).tuning().getFirst();
    }

    private static RankSpec ranks(String arm) {
        return phase(arm).ranks();
    }
}
