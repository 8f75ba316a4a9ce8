package dev.espalier.protocol.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.IntStream;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"1E-600000000", "0E-600000000", "0.1234567"})
    void aSparsityOfMoreThanSixDecimalsIsRefused(String endless) {
        assertThat(faults(spec(endless, null, null, null))).containsExactly("sparsity");
        assertThat(faults(spec("0.5", endless, null, null))).containsExactly("initialSparsity");
        assertThat(faults(spec("0.999999", "0.000001", null, null))).isEmpty();
    }

    private static List<String> faults(HeadPruningSpec spec) {
        try (ValidatorFactory validators =
                Validation.byDefaultProvider()
                        .configure()
                        .messageInterpolator(new ParameterMessageInterpolator())
                        .buildValidatorFactory()) {
            return validators.getValidator().validate(spec).stream()
                    .map(violation -> violation.getPropertyPath().toString())
                    .toList();
        }
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
