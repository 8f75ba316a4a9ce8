package dev.espalier.protocol.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.job.WeightPruningSpec.Groups;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class WeightPruningSpecTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void whatIsLeftOutGetsItsDefault() {
        WeightPruningSpec spec = JSON.readValue("{\"sparsity\": 0.5}", WeightPruningSpec.class);

        assertThat(spec)
                .isEqualTo(
                        new WeightPruningSpec(
                                new BigDecimal("0.5"),
                                null,
                                WeightPruningSpec.Schedule.LINEAR,
                                WeightPruningSpec.Pruner.WANDA,
                                WeightPruningSpec.CutRule.EXACT,
                                32,
                                0.01,
                                128));
        assertThat(JSON.writeValueAsString(spec)).doesNotContain("pattern", "groups");
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 0.2", "2, 3, 0.4", "3, 3, 0.6", "1, 1, 0.6"})
    void sparsityGrowsInEqualSteps(int round, int rounds, BigDecimal sparsity) {
        WeightPruningSpec spec = JSON.readValue("{\"sparsity\": 0.6}", WeightPruningSpec.class);

        assertThat(spec.sparsityIn(round, rounds)).isEqualByComparingTo(sparsity);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10_000})
    void theLastRoundHasTheWholeSparsityToTheDigit(int rounds) {
        WeightPruningSpec spec = JSON.readValue("{\"sparsity\": 0.7}", WeightPruningSpec.class);

        assertThat(spec.sparsityIn(rounds, rounds)).isEqualTo(new BigDecimal("0.7"));
    }

    @Test
    void aConstantScheduleAsksForAllOfItInEveryRound() {
        WeightPruningSpec spec =
                JSON.readValue(
                        "{\"sparsity\": 0.7, \"schedule\": \"CONSTANT\"}", WeightPruningSpec.class);

        assertThat(spec.sparsityIn(1, 5)).isEqualTo(new BigDecimal("0.7"));
    }

    @Test
    void aPatternSaysHowManyOfHowManyAreKept() {
        WeightPruningSpec spec = JSON.readValue("{\"pattern\": \"1:4\"}", WeightPruningSpec.class);

        assertThat(spec.groups()).isEqualTo(new Groups(1, 4));
        assertThat(new Groups(1, 4).dropped()).isEqualTo(3);
        assertThat(spec.sparsityIn(1, 2)).isNull();
    }

    @Test
    void aPatternIsCombinedWithoutExpansionUnlessAsked() {
        PhaseSpec phase =
                JSON.readValue(
                        """
                        {"kind": "PRUNE", "rounds": 1, "weights": {"pattern": "2:4"}}
                        """,
                        PhaseSpec.class);

        assertThat(phase)
                .isInstanceOfSatisfying(
                        PhaseSpec.Prune.class,
                        prune ->
                                assertThat(prune.aggregation())
                                        .isEqualTo(new SparseAggregationSpec.L0()));
    }
}
