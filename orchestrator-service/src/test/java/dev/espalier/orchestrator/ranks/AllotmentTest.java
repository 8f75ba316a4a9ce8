package dev.espalier.orchestrator.ranks;

import static dev.espalier.orchestrator.ranks.Cohort.tiers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.orchestrator.neighbour.Models;
import dev.espalier.orchestrator.selection.Fleets;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.QuantisationSpec;
import dev.espalier.protocol.job.RankAllotment;
import dev.espalier.protocol.job.RankAllotment.Tier;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.RankSpec.Variant;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Capabilities;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** What a client gets, by what it can do. */
class AllotmentTest {

    private static final AgentName ADA = new AgentName("ada");
    private static final long GB = 1_000_000_000;

    /** Query and value of one layer of width 8: 16 values a component and module. */
    private static final AdapterSpec ADAPTER =
            new AdapterSpec(8, null, null, List.of("query", "value"));

    private static final AdapterLayout LAYOUT =
            AdapterLayout.of(Models.structure(), ADAPTER, Fleets.SPAM);

    /** A classifier [2, 8] with its bias, and three scalars. */
    private static final int ALWAYS = 4 * (16 + 2) + 24;

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest(name = "{0} GB, {1} processors, {2} bytes a second: rank {3}")
    @CsvSource({
        "16, 8, 100, 8",
        "16, 8, , 4",
        "16, 4, 100, 4",
        "4, 2, 5, 4",
        "3, 2, 100, 1",
        "1, 1, , 1",
    })
    void theFirstTierThatIsMetDecides(int memory, int processors, @Nullable Long uplink, int rank) {
        RankAllotment tiers =
                tiers(
                        new Tier(8, 8 * GB, 100L, 8),
                        new Tier(4, 4 * GB, null, null),
                        new Tier(1, null, null, null));

        assertThat(rank(tiers, can(memory * GB, processors, uplink))).isEqualTo(rank);
    }

    @Test
    void whoMeetsNoTierIsToldWhatItLacks() {
        RankAllotment tiers = tiers(new Tier(8, 8 * GB, null, 4), new Tier(2, null, 1000L, null));
        Allotment allotment = allotment(Variant.FREEZING, tiers, null);

        assertThat(allotment.objection(can(GB, 2, 999L)))
                .contains(
                        "offers 1000000000 bytes of memory, 2 processors and 999 bytes a second"
                                + " up, which meets no tier of the job: rank 8 needs memoryBytes"
                                + " 8000000000 processors 4; rank 2 needs uplinkBytesPerSecond"
                                + " 1000");
        assertThat(allotment.objection(can(GB, 2, null)).orElseThrow())
                .contains("and does not tell its uplink,");
        assertThat(allotment.objection(can(GB, 2, 1000L))).isEmpty();
        assertThatThrownBy(() -> allotment.share(ADA, can(GB, 2, 999L)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "{0} components at {1} bits take {2} bytes and the rest")
    @CsvSource({
        "8, 32, 1024", // 8 components of 2 modules of 16 values, whole: no mask
        "7, 32, 898", // a mask of a byte for each module
        "1, 32, 130",
        "1, 16, 66",
        "1, 8, 50", // 8 bytes of scales for each module
        "1, 4, 34",
        "8, 4, 256",
    })
    void anUploadTakesTheBytesOfTheFormula(int components, int bits, long bytes) {
        UploadSize size = new UploadSize(LAYOUT, 8, Variant.FREEZING);

        assertThat(size.bytes(components, bits)).isEqualTo(bytes + ALWAYS);
    }

    @Test
    void aPrefixNeedsNoMaskButItsLength() {
        assertThat(new UploadSize(LAYOUT, 8, Variant.PREFIX).bytes(7, 32))
                .isEqualTo(7 * 128 + 4 + ALWAYS);
    }

    @ParameterizedTest(name = "{0} bytes above the rest: rank {1}")
    @CsvSource({"0, 1", "130, 1", "257, 1", "258, 2", "897, 6", "898, 7", "1023, 7", "1024, 8"})
    void aByteBudgetGivesTheLargestRankThatFits(int budget, int rank) {
        RankAllotment bytes = new RankAllotment.Budget((long) budget + ALWAYS, null);

        assertThat(rank(bytes, can(GB, 1, null))).isEqualTo(rank);
    }

    @ParameterizedTest(name = "{0} seconds at {1} bytes a second: rank {2}")
    @CsvSource({
        "1, 354, 2",
        "0.5, 708, 2",
        "0.5, 707, 1",
        "1, , 8",
        "1000000, 9223372036854775807, 8"
    })
    void aBudgetOfSecondsIsThatOfTheOwnUplink(double seconds, @Nullable Long uplink, int rank) {
        assertThat(rank(new RankAllotment.Budget(null, seconds), can(GB, 1, uplink)))
                .isEqualTo(rank);
    }

    @Test
    void fewerBitsLeaveRoomForMoreComponents() {
        RankAllotment budget = new RankAllotment.Budget(130L + ALWAYS, null);

        assertThat(share(budget, new QuantisationSpec(16, null, null), null).rank()).isEqualTo(2);
        assertThat(share(budget, new QuantisationSpec(8, null, null), null).rank()).isEqualTo(2);
        assertThat(share(budget, new QuantisationSpec(4, null, null), null).rank()).isEqualTo(4);
        assertThat(share(budget, new QuantisationSpec(null, 100L, null), null).rank()).isEqualTo(4);
    }

    @Test
    void anUploadIsCutByTheToldUplinkAndWholeWhereNoneIsTold() {
        QuantisationSpec twoSeconds = new QuantisationSpec(null, null, 2.5);

        assertThat(share(null, twoSeconds, 100L).upload()).isEqualTo(new UploadPlan(null, 250L));
        assertThat(share(null, twoSeconds, null).upload()).isEqualTo(new UploadPlan(32, null));
        assertThat(share(null, new QuantisationSpec(8, null, null), null).upload())
                .isEqualTo(new UploadPlan(8, null));
        assertThat(share(null, new QuantisationSpec(null, 700L, null), 1L).upload())
                .isEqualTo(new UploadPlan(null, 700L));
        assertThat(share(null, null, 100L)).isEqualTo(new Share(ADA, 8, null));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsAllottedFitsAndOneMoreWouldNot(long seed) {
        Random any = new Random(seed);
        int bits = List.of(4, 8, 16, 32).get(any.nextInt(4));
        Variant variant = any.nextBoolean() ? Variant.TRUNCATION : Variant.PREFIX;
        long budget = any.nextLong(3000);
        UploadSize size = new UploadSize(LAYOUT, 8, variant);

        int rank = size.largestRank(budget, bits);

        assertThat(rank).isBetween(1, 8);
        assertThat(rank == 1 || size.bytes(rank, bits) <= budget).isTrue();
        assertThat(rank == 8 || size.bytes(rank + 1, bits) > budget).isTrue();
    }

    @Test
    void whereAllTrainAllNobodyIsRefusedOrCut() {
        Allotment all = allotment(Variant.HOMOGENEOUS, null, null);

        assertThat(all.objection(can(1, 1, null))).isEmpty();
        assertThat(all.share(ADA, can(1, 1, null)).rank()).isEqualTo(8);
    }

    private static int rank(RankAllotment rule, Capabilities can) {
        return allotment(Variant.FREEZING, rule, null).share(ADA, can).rank();
    }

    private static Share share(
            @Nullable RankAllotment rule,
            @Nullable QuantisationSpec quantisation,
            @Nullable Long uplink) {
        Variant variant = rule == null ? Variant.HOMOGENEOUS : Variant.FREEZING;
        return allotment(variant, rule, quantisation).share(ADA, can(GB, 1, uplink));
    }

    private static Allotment allotment(
            Variant variant,
            @Nullable RankAllotment rule,
            @Nullable QuantisationSpec quantisation) {
        TrainingSpec training =
                JsonMapper.shared().readValue("{\"learningRate\": 0.1}", TrainingSpec.class);
        PhaseSpec.FineTune work =
                new PhaseSpec.FineTune(
                        1,
                        null,
                        ADAPTER,
                        null,
                        new RankSpec(variant, rule, null, null, null),
                        quantisation,
                        null,
                        training,
                        null,
                        null);
        return new Allotment(work, LAYOUT);
    }

    private static Capabilities can(long memory, int processors, @Nullable Long uplink) {
        Capabilities any = Fleets.capable();
        return new Capabilities(
                any.roles(),
                any.data(),
                any.families(),
                memory,
                processors,
                uplink,
                any.device(),
                any.software());
    }
}
