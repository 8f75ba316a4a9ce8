package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.Vectors;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.RankAdaptive;
import dev.espalier.protocol.job.AggregationSpec.ZeroPadding;
import dev.espalier.protocol.job.AggregationSpec.ZeroPadding.Space;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The published cases of ranks that differ, through the combiner, from files to a file. */
class RankVectorsTest {

    private static final String HAFL = "hafl_adaptive.json";
    private static final AggregationSpec ADAPTIVE = new RankAdaptive(null, null);

    @TempDir Path folder;

    static Stream<Arguments> zeroPadding() {
        return Vectors.of("zero_padding.json");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"three_components_one_untouched", "uniform_weighting"})
    void everyComponentIsTheMeanOfThoseWhoTrainedIt(String name) throws IOException {
        JsonNode in = Vectors.one(HAFL, name).get("input");
        RankAdaptive.Weighting weighting =
                RankAdaptive.Weighting.valueOf(in.get("weighting").asString());

        assertCombined(Vectors.one(HAFL, name), new RankAdaptive(weighting, null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("zeroPadding")
    void whatWasNotSentCountsAsZero(JsonNode one) throws IOException {
        ZeroPadding.Weighting weighting =
                switch (one.at("/input/weighting").asString()) {
                    case "DATA" -> ZeroPadding.Weighting.N;
                    case String other -> ZeroPadding.Weighting.valueOf(other);
                };

        assertCombined(one, new ZeroPadding(Space.PARAMETER, weighting, null));
    }

    @Test
    void zerosDiluteTheVeryUpdatesThatTheAdaptiveRuleDoesNot() throws IOException {
        assertCombined(
                Vectors.one(HAFL, "same_updates_zero_padded"), new ZeroPadding(null, null, null));
    }

    @Test
    void whereAllTrainedAComponentParametersAndChangesGiveTheSame() throws IOException {
        JsonNode one = Vectors.one(HAFL, "parameter_space_equals_delta_space");
        JsonNode in = one.get("input");
        OneModule module = OneModule.plain(folder, 1, 2, 1);
        List<Brought> brought = module.write(in.get("clients"));

        for (AggregationSpec rule : List.of(ADAPTIVE, padded(Space.PARAMETER))) {
            module.combine(in.get("previous"), brought, rule);
            module.assertFactor("A", one.at("/expected/parameterSpace"));
        }
        module.combine(in.get("previous"), brought, padded(Space.DELTA));
        module.assertFactor("A", one.at("/expected/deltaSpace"));
    }

    /** Of two clients with the same examples one trains the component, A [1, 1]. */
    @Test
    void paddingShrinksInParametersAndDampsInChanges() throws IOException {
        JsonNode one = Vectors.one(HAFL, "zero_padding_parameter_vs_delta_space");
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        ObjectNode idle = factors(JsonNodeFactory.instance.arrayNode());
        OneModule module = OneModule.plain(folder, 1, 1, 1);
        List<Brought> brought =
                List.of(
                        module.write("agent-0", factors(matrix(in.get("contributor")))),
                        module.write("agent-1", idle));
        ObjectNode previous = factors(matrix(in.get("previous")));

        assertThat(in.get("responders").asInt()).isEqualTo(brought.size());
        module.combine(previous, brought, padded(Space.PARAMETER));
        module.assertFactor("A", matrix(expected.get("zeroPadParameterSpace")));
        module.combine(previous, brought, padded(Space.DELTA));
        module.assertFactor("A", matrix(expected.get("zeroPadDeltaSpace")));
        module.combine(previous, brought, ADAPTIVE);
        module.assertFactor("A", matrix(expected.get("adaptive")));
    }

    private void assertCombined(JsonNode one, AggregationSpec rule) throws IOException {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        int width = expected.get("A").get(0).size();
        OneModule module =
                OneModule.plain(folder, in.get("R").asInt(), width, expected.get("B").size());

        module.combine(in.get("previous"), module.write(in.get("clients")), rule);

        module.assertFactor("A", expected.get("A"));
        module.assertFactor("B", expected.get("B"));
    }

    private static AggregationSpec padded(Space space) {
        return new ZeroPadding(space, ZeroPadding.Weighting.N, null);
    }

    private static ObjectNode factors(ArrayNode a) {
        ObjectNode factors = JsonNodeFactory.instance.objectNode().put("n", 1);
        factors.set("A", a);
        return factors;
    }

    private static ArrayNode matrix(JsonNode value) {
        return JsonNodeFactory.instance
                .arrayNode()
                .add(JsonNodeFactory.instance.arrayNode().add(value));
    }
}
