package dev.espalier.protocol.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import java.math.BigDecimal;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HeadPruningSpecTest {

    @Test
    void aFixedSparsityIsTheSameInEveryRound() {
        HeadPruningSpec fixed = spec("0.9", null, null, null);

        assertThat(IntStream.rangeClosed(1, 5).mapToObj(round -> fixed.sparsityIn(round, 5)))
                .allMatch(new BigDecimal("0.9")::equals);
    }

    @Test
    void aClimbingSparsityArrivesAfterItsRampAndStays() {
        HeadPruningSpec climbing = spec("0.9", "0.5", 3, null);

        assertThat(IntStream.rangeClosed(1, 5).mapToObj(round -> climbing.sparsityIn(round, 5)))
                .usingElementComparator(BigDecimal::compareTo)
                .containsExactly(
                        new BigDecimal("0.5"),
                        new BigDecimal("0.7"),
                        new BigDecimal("0.9"),
                        new BigDecimal("0.9"),
                        new BigDecimal("0.9"));
    }

    @Test
    void withoutARampItClimbsThroughAllRounds() {
        HeadPruningSpec climbing = spec("0.8", "0", null, null);

        assertThat(climbing.sparsityIn(1, 5)).isZero();
        assertThat(climbing.sparsityIn(3, 5)).isEqualByComparingTo("0.4");
        assertThat(climbing.sparsityIn(5, 5)).isEqualByComparingTo("0.8");
        assertThat(climbing.sparsityIn(1, 1)).isEqualByComparingTo("0.8");
    }

    @Test
    void nobodyIsForcedToKeepAHeadThatTheRankingLeavesOnPurpose() {
        assertThat(spec("0.9", null, null, Ranking.GLOBAL).forcedKeepAfter()).isEqualTo(3);
        assertThat(spec("0.9", null, null, Ranking.TOP_BLOCKS).forcedKeepAfter()).isZero();
    }

    private static HeadPruningSpec spec(
            String sparsity,
            @Nullable String initial,
            @Nullable Integer ramp,
            @Nullable Ranking ranking) {
        return new HeadPruningSpec(
                new BigDecimal(sparsity),
                initial == null ? null : new BigDecimal(initial),
                ramp,
                ranking,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }
}
