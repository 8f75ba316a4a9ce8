package dev.espalier.orchestrator.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.protocol.AgentName;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LayerDrawTest {

    @Test
    void countsAndSetsAreThoseOfTheVector() throws IOException {
        JsonNode one = vector("counts_and_sets");
        JsonNode in = one.get("input");
        LayerDraw draw =
                new LayerDraw(
                        in.get("seed").asLong(), in.get("round").asInt(), in.get("layers").asInt());

        for (int client = 0; client < in.get("rho").size(); client++) {
            BigDecimal ratio = in.get("rho").get(client).decimalValue();
            assertThat(draw.count(ratio))
                    .isEqualTo(one.get("expected").get("counts").get(client).asInt());
            assertThat(draw.of(client, ratio))
                    .containsExactlyElementsOf(
                            integers(one.get("expected").get("sets").get(client)));
        }
    }

    @Test
    void coverageIsRepairedAsInTheVector() throws IOException {
        JsonNode one = vector("coverage_repair");
        JsonNode in = one.get("input");
        SortedMap<AgentName, SortedSet<Integer>> drawn = new TreeMap<>();
        SortedMap<AgentName, Integer> room = new TreeMap<>();
        SortedMap<AgentName, SortedSet<Integer>> expected = new TreeMap<>();
        for (int client = 0; client < in.get("sets").size(); client++) {
            AgentName agent = new AgentName("client-" + client);
            drawn.put(agent, new TreeSet<>(integers(in.get("sets").get(client))));
            room.put(agent, in.get("caps").get(client).asInt());
            expected.put(
                    agent, new TreeSet<>(integers(one.get("expected").get("sets").get(client))));
        }

        assertThat(Coverage.repaired(drawn, room, in.get("layers").asInt())).isEqualTo(expected);
    }

    /** The draw is uniform, so the published chance of a missed layer is met. */
    @Test
    void aLayerIsMissedAsOftenAsTheVectorSays() throws IOException {
        JsonNode one = vector("probability_a_layer_is_missed");
        int layers = one.get("input").get("L").asInt();
        BigDecimal half = new BigDecimal("0.5");
        int rounds = 4000;
        long missed = 0;
        for (int round = 0; round < rounds; round++) {
            LayerDraw draw = new LayerDraw(5, round, layers);
            TreeSet<Integer> covered = new TreeSet<>();
            for (int client = 0; client < one.get("input").get("n").size(); client++) {
                covered.addAll(draw.of(client, half));
            }
            missed += layers - covered.size();
        }

        assertThat(missed / (double) rounds)
                .isCloseTo(one.get("expected").get("expectedMissed").asDouble(), within(0.05));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void afterTheRepairEveryLayerIsSomebodysAndNothingDrawnIsLost(long seed) {
        int layers = 24;
        SortedMap<AgentName, SortedSet<Integer>> drawn = new TreeMap<>();
        for (int client = 0; client < 3; client++) {
            AgentName agent = new AgentName("client-" + client);
            drawn.put(
                    agent,
                    new LayerDraw(seed, 0, layers)
                            .of(HashKeys.id(agent.value()), new BigDecimal("0.2")));
        }

        SortedMap<AgentName, SortedSet<Integer>> repaired =
                Coverage.repaired(drawn, Map.of(), layers);

        assertThat(repaired.values().stream().flatMap(SortedSet::stream).distinct())
                .hasSize(layers);
        drawn.forEach((agent, own) -> assertThat(repaired.get(agent)).containsAll(own));
        IntSummaryStatistics loads =
                repaired.values().stream().mapToInt(SortedSet::size).summaryStatistics();
        assertThat(loads.getMax() - loads.getMin()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0.001, 1", "0.125, 2", "0.0624, 1", "0.5, 6", "1, 12"})
    void halvesAreRoundedUpAndNobodyGetsNothing(BigDecimal ratio, int count) {
        assertThat(new LayerDraw(1, 1, 12).count(ratio)).isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0.1", "1.1"})
    void aShareOutsideItsBoundsIsRefused(BigDecimal ratio) {
        assertThatThrownBy(() -> new LayerDraw(1, 1, 12).count(ratio))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("in (0, 1]");
    }

    private static List<Integer> integers(JsonNode list) {
        return IntStream.range(0, list.size()).mapToObj(i -> list.get(i).asInt()).toList();
    }

    private static JsonNode vector(String name) throws IOException {
        try (InputStream json =
                LayerDrawTest.class.getResourceAsStream("/vectors/layer_sampling.json")) {
            return new JsonMapper()
                    .readTree(json)
                    .get("cases")
                    .valueStream()
                    .filter(one -> one.get("name").asString().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
