package dev.espalier.aggregation.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundWork;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the OpenAPI document shows can be sent as it is. */
class RoundExamplesTest {

    private static final JsonMapper STRICT =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private static final Map<State, String> VIEWS =
            Map.of(
                    State.OPEN, RoundExamples.OPEN,
                    State.SEALED, RoundExamples.SEALED,
                    State.PUBLISHED, RoundExamples.PUBLISHED,
                    State.CANCELLED, RoundExamples.CANCELLED);

    @Test
    void theSessionShowsHeadsAndRanks() {
        RoundSession session = STRICT.readValue(RoundExamples.SESSION, RoundSession.class);

        RoundWork.FineTune work = (RoundWork.FineTune) session.work();
        assertThat(work.ranks()).isNotNull();
        assertThat(session.cohort())
                .singleElement()
                .satisfies(client -> {
                    assertThat(client.heads()).isNotNull();
                    assertThat(client.scope().components()).isNotEmpty();
                });
    }

    static Set<State> states() {
        return VIEWS.keySet();
    }

    @ParameterizedTest
    @MethodSource("states")
    void aViewIsOneOfTheState(State state) {
        RoundSessionView view = STRICT.readValue(VIEWS.get(state), RoundSessionView.class);

        assertThat(view.state()).isEqualTo(state);
        assertThat(view.components() != null).isEqualTo(state == State.PUBLISHED);
    }

    @Test
    void aSessionThatPrunesShowsLayers() {
        RoundSession session = STRICT.readValue(RoundExamples.PRUNE_SESSION, RoundSession.class);

        assertThat(session.work()).isInstanceOf(RoundWork.Prune.class);
        assertThat(session.parent()).isEqualTo(session.base());
        assertThat(session.cohort())
                .singleElement()
                .satisfies(client -> assertThat(client.scope().layers()).isNotEmpty());
    }

    @Test
    void aRoundThatPrunedShowsItsBaseAndItsMatrices() {
        RoundSessionView view =
                STRICT.readValue(RoundExamples.PUBLISHED_PRUNED, RoundSessionView.class);

        assertThat(view.publishedBase()).isNotNull().isEqualTo(view.published());
        assertThat(view.matrices()).isNotEmpty();
        assertThat(view.updates()).allSatisfy(one -> assertThat(one.layers()).isPositive());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                RoundExamples.OPEN,
                RoundExamples.SEALED,
                RoundExamples.PUBLISHED,
                RoundExamples.PUBLISHED_PRUNED
            })
    void aViewThatIsShownLeavesNothingOut(String json) {
        JsonNode shown = STRICT.readTree(json);
        JsonNode spoken = STRICT.valueToTree(STRICT.readValue(json, RoundSessionView.class));

        assertThat(shown.propertyNames())
                .containsExactlyInAnyOrderElementsOf(spoken.propertyNames());
        assertThat(shown.get("updates").get(0).propertyNames())
                .containsExactlyInAnyOrderElementsOf(spoken.get("updates").get(0).propertyNames());
    }
}
