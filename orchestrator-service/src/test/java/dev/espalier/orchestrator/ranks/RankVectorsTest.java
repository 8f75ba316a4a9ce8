package dev.espalier.orchestrator.ranks;

import static dev.espalier.orchestrator.ranks.Cohort.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.job.RankSpec.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The published cases of choosing components (vectors rank_selection), by themselves and through
 * the plan of a round. What a client then computes with its choice is the agent's to show.
 */
class RankVectorsTest {

    private static final String MODULE = "encoder.query";

    /** Scores, how many are wanted, and the indices that are chosen. */
    static Stream<Arguments> byImportance() throws IOException {
        return cases().filter(vector -> vector.at("/input").has("scores"))
                .flatMap(vector -> {
                    JsonNode wanted = vector.at("/input/requestedK");
                    return wanted.isMissingNode()
                            ? Stream.of(
                                    arguments(
                                            vector, vector.at("/input/k").asInt(), chosen(vector)))
                            : IntStream.range(0, wanted.size())
                                    .mapToObj(i ->
                                            arguments(
                                                    vector,
                                                    wanted.get(i).asInt(),
                                                    vector.at("/expected/selected").get(i)));
                });
    }

    private static JsonNode chosen(JsonNode vector) {
        return Stream.of("selected", "indices", "trainable")
                .map(name -> vector.at("/expected/" + name))
                .filter(node -> !node.isMissingNode())
                .findFirst()
                .orElseThrow();
    }

    private static Arguments arguments(JsonNode vector, int wanted, JsonNode chosen) {
        return Arguments.of(
                vector.get("name").asString(),
                doubles(vector.at("/input/scores")),
                wanted,
                integers(chosen));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("byImportance")
    void theMostImportantAreThoseOfTheVectors(
            String name, List<Double> scores, int wanted, List<Integer> chosen) {
        assertThat(Choices.top(scores, wanted)).isEqualTo(chosen);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("byImportance")
    void aRoundAfterTheColdStartPlansThoseOfTheVectors(
            String name, List<Double> scores, int wanted, List<Integer> chosen) {
        int share = Math.clamp(wanted, 1, scores.size()); // as every allotment holds it
        for (Variant variant : List.of(Variant.FREEZING, Variant.TRUNCATION)) {
            PlannedRanks plan =
                    PlannedRanks.plan(
                            settings(variant, 0, 0),
                            List.of(MODULE),
                            scores.size(),
                            Cohort.of(share),
                            new Measured(1, 1, List.of(Cohort.told(MODULE, scores))));

            assertThat(planned(plan, scores.size())).isEqualTo(chosen);
        }
    }

    static Stream<Arguments> prefixes() throws IOException {
        return cases().filter(vector -> vector.get("name").asString().startsWith("prefix"))
                .map(vector ->
                        Arguments.of(
                                vector.at("/input/A").size(),
                                vector.at("/input/k").asInt(),
                                integers(vector.at("/expected/indices"))));
    }

    @ParameterizedTest(name = "{1} of {0}")
    @MethodSource("prefixes")
    void aPrefixIsThatOfTheVectors(int rank, int wanted, List<Integer> chosen) {
        PlannedRanks plan =
                PlannedRanks.plan(
                        settings(Variant.PREFIX, null, null),
                        List.of(MODULE),
                        rank,
                        Cohort.of(wanted),
                        new Measured(20, 20, List.of(Cohort.told(MODULE, List.of(0.0, 1.0, 2.0)))));

        assertThat(planned(plan, rank)).isEqualTo(chosen);
        assertThat(plan.choice()).isEqualTo(PlannedRanks.Choice.PREFIX);
    }

    private static List<Integer> planned(PlannedRanks plan, int rank) {
        var components = plan.scope(Cohort.agent(0)).components();
        return components == null
                ? IntStream.range(0, rank).boxed().toList()
                : Objects.requireNonNull(components.get(MODULE));
    }

    private static List<Double> doubles(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asDouble).toList();
    }

    private static List<Integer> integers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asInt).toList();
    }

    private static Stream<JsonNode> cases() throws IOException {
        try (InputStream in =
                RankVectorsTest.class.getResourceAsStream("/vectors/rank_selection.json")) {
            JsonNode cases = JsonMapper.shared().readTree(in).get("cases");
            return StreamSupport.stream(cases.spliterator(), false);
        }
    }
}
