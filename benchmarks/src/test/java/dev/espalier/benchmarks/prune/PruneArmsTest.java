package dev.espalier.benchmarks.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruneArmsTest {

    private static final DataName POOL = new DataName("pool");
    private static final PruneArms ARMS = arms("");

    @Test
    void namesAreAllDifferentAndThoseOfTheGoalsAreThere() {
        List<String> names = ARMS.all().stream().map(Arm::name).toList();

        assertThat(names).doesNotHaveDuplicates();
        assertThat(names)
                .containsAll(
                        ARMS.goals().stream()
                                .flatMap(goal -> Stream.of(goal.arm(), goal.against()))
                                .toList());
        assertThat(names)
                .contains(
                        "dense",
                        "centralised-50",
                        "standalone-60",
                        "l0-70",
                        "random-expansion-80",
                        "fedspallm-50",
                        "fedspallm-sampled-50",
                        "healed-80",
                        "fedspallm-50-sparsegpt");
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 60, 70, 80})
    void armsOfOneSparsityPruneAlike(int percent) {
        List<PhaseSpec.Prune> pruning =
                ARMS.wanda().stream()
                        .filter(arm -> arm.name().endsWith("-" + percent))
                        .map(PruneArmsTest::pruning)
                        .toList();

        assertThat(pruning).hasSize(7);
        assertThat(pruning)
                .allMatch(phase -> phase.weights().pruner() == Pruner.WANDA)
                .allMatch(phase -> PruneArms.share(percent).equals(phase.weights().sparsity()))
                .allMatch(phase -> phase.rounds() == 1);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "50, 0.5", "60, 0.59375", "70, 0.703125", "80, 0.796875"})
    void rowsOfAMultipleOf64CanBeThatSparseExactly(int percent, BigDecimal share) {
        assertThat(PruneArms.share(percent)).isEqualByComparingTo(share);
        assertThat(share.multiply(BigDecimal.valueOf(64)).stripTrailingZeros().scale())
                .isLessThanOrEqualTo(0);
    }

    @Test
    void thePoolReadsAsMuchAsAllClientsTogether() {
        Arm pooled = arm("centralised-50");

        assertThat(pooled.data()).isEqualTo(POOL);
        assertThat(pruning(pooled).weights().calibrationSamples())
                .isEqualTo(8 * pruning(arm("fedspallm-50")).weights().calibrationSamples());
    }

    @Test
    void theDenseModelIsOneOfWhichNothingIsDropped() {
        PhaseSpec.Prune dense = pruning(arm("dense"));

        assertThat(dense.weights().sparsity()).isEqualByComparingTo(BigDecimal.ZERO);
        assertThat(dense.aggregation()).isEqualTo(new SparseAggregationSpec.L0());
    }

    @Test
    void layersAreSampledByStrength() {
        assertThat(pruning(arm("fedspallm-sampled-50")).layers().tiers())
                .extracting(tier -> tier.ratio().doubleValue())
                .containsExactly(1.0, 0.5);
        assertThat(pruning(arm("fedspallm-50")).layers()).isNull();
    }

    @Test
    void whatIsHealedWasPrunedAsTheOthers() {
        Arm healed = arm("healed-70");

        assertThat(pruning(healed)).isEqualTo(pruning(arm("fedspallm-70")));
        assertThat(healed.rounds()).isEqualTo(1 + 6);
        assertThat(healed.adapter()).isPresent();
    }

    @Test
    void namesTellOfAnotherNumberOfClientsAndTheReferenceStaysTheReference() {
        List<Arm> four = arms("-k4").wanda();

        assertThat(four.getFirst().name()).isEqualTo("dense");
        assertThat(four.subList(1, four.size())).allMatch(arm -> arm.name().endsWith("-k4"));
        assertThat(arms("-k4").goals()).extracting(Goal::arm).contains("fedspallm-50-k4");
    }

    private static PruneArms arms(String suffix) {
        return new PruneArms(8, POOL, suffix, List.of("fc1"), new PruneSize.Healing(6, 16));
    }

    private static Arm arm(String name) {
        return ARMS.all().stream().filter(arm -> arm.name().equals(name)).findFirst().orElseThrow();
    }

    private static PhaseSpec.Prune pruning(Arm arm) {
        return (PhaseSpec.Prune) arm.phases().getFirst();
    }
}
