package dev.espalier.lm.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.head.ConfidenceSettings.Average;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConfidenceTallyTest {

    static Stream<Named<JsonNode>> vectors() {
        JsonNode file =
                JsonMapper.shared()
                        .readTree(
                                ConfidenceTallyTest.class.getResourceAsStream(
                                        "/vectors/head_confidence.json"));
        return file.path("cases")
                .valueStream()
                .map(test -> Named.of(test.path("name").stringValue(), test));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void countsWhatTheVectorsCount(JsonNode test) {
        JsonNode input = test.path("input");
        ConfidenceTally tally = new ConfidenceTally(settings(input, Average.TOKENS), 1);

        add(tally, input);

        JsonNode expected = test.path("expected");
        for (int head = 0; head < input.path("heads").intValue(); head++) {
            assertThat(tally.sums(0)[head])
                    .isCloseTo(expected.path("sum").get(head).doubleValue(), within(1e-9));
            assertThat(tally.count(0)).isEqualTo(expected.path("count").get(head).doubleValue());
            assertThat(tally.scores().score(0, head))
                    .isCloseTo(expected.path("confidence").get(head).doubleValue(), within(1e-9));
        }
    }

    /** One batch or many, the same sums. */
    @ParameterizedTest
    @MethodSource("vectors")
    void aTextCountsTheSameAloneAsBesideOthers(JsonNode test) {
        JsonNode input = test.path("input");
        ConfidenceTally tally = new ConfidenceTally(settings(input, Average.TOKENS), 1);

        add(tally, input);
        add(tally, input);

        assertThat(tally.scores().score(0, 0))
                .isCloseTo(
                        test.path("expected").path("confidence").get(0).doubleValue(),
                        within(1e-9));
        assertThat(tally.count(0))
                .isEqualTo(2 * test.path("expected").path("count").get(0).doubleValue());
    }

    /** Head 0 of the first vector: texts of two tokens (mean 0.625) and of one (1). */
    @Test
    void theMeanOverTextsWeighsThemAlike() {
        JsonNode input = vectors().findFirst().orElseThrow().getPayload().path("input");
        ConfidenceTally tally = new ConfidenceTally(settings(input, Average.TEXTS), 1);

        add(tally, input);

        assertThat(tally.scores().score(0, 0)).isCloseTo((0.625 + 1) / 2, within(1e-9));
    }

    @Test
    void whereNothingCountsTheConfidenceIsZero() {
        ConfidenceTally tally = new ConfidenceTally(ConfidenceSettings.defaults(), 1);
        try (NDManager manager = Compute.newManager()) {
            NDArray attention = manager.ones(new Shape(1, 3, 1, 1));
            CountedTokens one = CountedTokens.of(List.of("T"));
            tally.add(0, attention, one, one, false);
        }

        assertThat(tally.scores()).isEqualTo(HeadScores.of(new double[3]));
    }

    private static ConfidenceSettings settings(JsonNode input, Average average) {
        return new ConfidenceSettings(
                input.path("excludeEosQuery").asBoolean(true),
                input.path("excludeEosKey").asBoolean(true),
                input.path("skipQueriesWithSingleVisibleKey").booleanValue(),
                average);
    }

    private static void add(ConfidenceTally tally, JsonNode input) {
        List<String> kinds = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (JsonNode sentence : input.path("sentences")) {
            StringBuilder kind = new StringBuilder();
            sentence.path("tokens")
                    .forEach(t ->
                            kind.append(
                                    t.stringValue().charAt(0) == 'P'
                                            ? ' '
                                            : t.stringValue().charAt(0)));
            kinds.add(kind.toString());
            values.add(flat(sentence.path("attention")));
        }
        int time = kinds.getFirst().length();
        int heads = input.path("heads").intValue();
        boolean causal = input.path("sentences").get(0).has("visible");
        CountedTokens tokens = CountedTokens.of(kinds);
        try (NDManager manager = Compute.newManager()) {
            float[] all = new float[kinds.size() * heads * time * time];
            for (int i = 0; i < all.length; i++) {
                all[i] = values.get(i / (heads * time * time))[i % (heads * time * time)];
            }
            NDArray attention = manager.create(all, new Shape(kinds.size(), heads, time, time));
            tally.add(0, attention, tokens, tokens, causal);
        }
    }

    private static float[] flat(JsonNode attention) {
        double[] values =
                attention
                        .valueStream()
                        .flatMap(JsonNode::valueStream)
                        .flatMapToDouble(
                                row -> row.valueStream().mapToDouble(JsonNode::doubleValue))
                        .toArray();
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
