package dev.espalier.protocol.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.Digest;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class OutcomeTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    static Stream<Outcome> outcomes() {
        return Stream.of(
                new Outcome.Trained(Digest.of(new byte[0]), 10, 7L, 1, 1, Cost.NONE),
                new Outcome.Evaluated(3, 0.5, null, null, null, null, 1.6, 9L, 10, 7L),
                new Outcome.Scored(3, 0.5, null, 10, 7L, Cost.NONE),
                new Outcome.Failed("disk full", 10, 7L));
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void whatIsWrittenIsReadAgain(Outcome outcome) {
        assertThat(JSON.readValue(JSON.writeValueAsString(outcome), Outcome.class))
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void anAgentOfAnEarlierVersionTellsOfNoBaseModel(Outcome outcome) {
        ObjectNode earlier = JSON.valueToTree(outcome);
        earlier.remove("baseBytesDown");

        assertThat(JSON.treeToValue(earlier, Outcome.class).baseBytesDown()).isZero();
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void theBaseModelIsNoMoreThanAllThatWasFetched(Outcome outcome) {
        ObjectNode absurd = JSON.valueToTree(outcome);
        absurd.put("baseBytesDown", 11);

        assertThatThrownBy(() -> JSON.treeToValue(absurd, Outcome.class))
                .hasMessageContaining("baseBytesDown is 11, more than the 10 bytesDown");
    }
}
