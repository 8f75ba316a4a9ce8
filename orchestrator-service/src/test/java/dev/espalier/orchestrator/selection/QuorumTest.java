package dev.espalier.orchestrator.selection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuorumTest {

    @ParameterizedTest(name = "{0} of {1} is {2}")
    @CsvSource({
        "0.5, 5, 3",
        "0.5, 4, 2",
        "1, 7, 7",
        "0.01, 3, 1",
        "0.55, 100, 55", // 55.00000000000001 in binary
        "0.7, 10, 7",
        "0.1, 30, 3",
        "0.5, 1, 1"
    })
    void isTheCeilingOfTheShareInDecimal(double share, int cohort, int needed) {
        assertThat(Quorum.needed(share, cohort)).isEqualTo(needed);
    }

    @ParameterizedTest(name = "{0} of {1} is {2}")
    @CsvSource({"0.3, 10, 3", "0.29, 100, 29", "0.1, 5, 1", "1, 5, 5", "0.99, 2, 1"})
    void aUniformDrawTakesTheFloorButNeverNobody(double fraction, int of, int size) {
        assertThat(CohortSize.of(fraction, of)).isEqualTo(size);
    }
}
