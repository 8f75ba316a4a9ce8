package dev.espalier.orchestrator.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.orchestrator.layers.PlannedLayers.Client;
import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.LayerSamplingSpec;
import dev.espalier.protocol.job.LayerSamplingSpec.Tier;
import dev.espalier.protocol.job.SparsityMap;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Capabilities;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlannedLayersTest {

    private static final LayerSamplingSpec TIERS =
            new LayerSamplingSpec(
                    List.of(
                            new Tier(BigDecimal.ONE, 8000L, null, 4),
                            new Tier(new BigDecimal("0.5"), null, 1000L, null),
                            new Tier(new BigDecimal("0.25"), 2000L, null, null)),
                    true);

    @ParameterizedTest
    @CsvSource({
        "8000, 4, , 1",
        "8000, 3, 1000, 0.5",
        "8000, 3, , 0.25",
        "1999, 64, 1000, 0.5",
        "1999, 64, 999, ",
        "1999, 64, , "
    })
    void everyoneGetsTheFirstTierThatItMeets(
            long memory, int processors, @Nullable Long uplink, @Nullable BigDecimal ratio) {
        LayerTiers tiers = new LayerTiers(TIERS);
        Capabilities can = can(memory, processors, uplink);

        assertThat(tiers.ratio(can).orElse(null)).isEqualTo(ratio);
        assertThat(tiers.objection(can).isPresent()).isEqualTo(ratio == null);
    }

    @Test
    void withoutTiersAllPruneEverything() {
        LayerTiers tiers = new LayerTiers(null);

        assertThat(tiers.ratio(can(1, 1, null))).contains(BigDecimal.ONE);
        assertThat(tiers.objection(can(1, 1, null))).isEmpty();
    }

    @Test
    void whoMeetsNoneIsToldWhatEachNeeds() {
        assertThat(new LayerTiers(TIERS).objection(can(1999, 64, null)))
                .contains(
                        "offers 1999 bytes of memory, 64 processors and does not tell its uplink,"
                                + " which meets no tier of the job: a share of 1 of the layers"
                                + " needs memoryBytes 8000 processors 4; a share of 0.5 of the"
                                + " layers needs uplinkBytesPerSecond 1000; a share of 0.25 of the"
                                + " layers needs memoryBytes 2000");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void theSameDrawAndCohortGiveTheSamePlan(long seed) {
        LayerDraw draw = new LayerDraw(seed, 3, 12);
        List<LayerShare> cohort = cohort("0.5", "0.25", "0.1");

        PlannedLayers plan = PlannedLayers.plan(draw, cohort, true);

        assertThat(PlannedLayers.plan(draw, cohort, true)).isEqualTo(plan);
        assertThat(plan.clients().stream().flatMap(client -> client.layers().stream()))
                .containsAll(IntStream.range(0, 12).boxed().toList());
        assertThat(plan.clients()).allSatisfy(client -> assertThat(client.layers()).isSorted());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void withoutCoverageEachHasWhatItDrewAndNoMore(long seed) {
        LayerDraw draw = new LayerDraw(seed, 3, 12);
        List<LayerShare> cohort = cohort("0.5", "0.25", "0.1");

        PlannedLayers plan = PlannedLayers.plan(draw, cohort, false);

        for (LayerShare share : cohort) {
            assertThat(plan.of(share.agent()))
                    .containsExactlyElementsOf(
                            draw.of(HashKeys.id(share.agent().value()), share.ratio()));
        }
        assertThat(plan.clients())
                .extracting(client -> client.layers().size())
                .containsExactly(6, 3, 1);
    }

    @Test
    void aStrangerHasNoLayers() {
        PlannedLayers plan =
                new PlannedLayers(List.of(new Client(new AgentName("ada"), List.of(0))));

        assertThatThrownBy(() -> plan.of(new AgentName("bob")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bob");
    }

    @Test
    void aSparsityMapIsATableToo() {
        SparsityMap map =
                new SparsityMap(
                        List.of(
                                new SparsityMap.Round(
                                        2,
                                        0.5,
                                        List.of(
                                                new MatrixSparsity("a.weight", 8, 4, 3),
                                                new MatrixSparsity("b,\"c\".weight", 3, 1, 0)))));

        assertThat(SparsityTable.csv(map))
                .isEqualTo(
                        "round,matrix,elements,zeros,sparsity,responders\r\n"
                                + "2,a.weight,8,4,0.5,3\r\n"
                                + "2,\"b,\"\"c\"\".weight\",3,1,0.3333333333333333,0\r\n");
    }

    private static List<LayerShare> cohort(String... ratios) {
        List<LayerShare> cohort = new ArrayList<>();
        for (String ratio : ratios) {
            cohort.add(
                    new LayerShare(
                            new AgentName("client-" + cohort.size()), new BigDecimal(ratio)));
        }
        return cohort;
    }

    private static Capabilities can(long memory, int processors, @Nullable Long uplink) {
        return new Capabilities(
                Set.of(AgentRole.TRAIN),
                List.of(),
                Set.of("opt"),
                memory,
                processors,
                uplink,
                "cpu",
                "test 1");
    }
}
