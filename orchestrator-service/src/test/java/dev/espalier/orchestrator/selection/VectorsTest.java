package dev.espalier.orchestrator.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.SelectionView.Candidate;
import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The draws against the published vectors of algorithms.md. */
class VectorsTest {

    @Test
    void keysAreThoseOfTheVectors() throws IOException {
        JsonNode vector = vector("layer_sampling", "splitmix64_keys");
        long seed = vector.at("/input/seed").asLong();
        JsonNode ids = vector.at("/input/ids");
        JsonNode keys = vector.at("/expected/keys");

        for (int i = 0; i < ids.size(); i++) {
            long[] id =
                    StreamSupport.stream(ids.get(i).spliterator(), false)
                            .mapToLong(JsonNode::asLong)
                            .toArray();
            assertThat(Long.toHexString(HashKeys.key(seed, id))).isEqualTo(keys.get(i).asString());
        }
        assertThat(Long.toHexString(HashKeys.mix(0)))
                .isEqualTo(vector.at("/expected/mix0").asString());
        assertThat(Long.toHexString(HashKeys.mix(42)))
                .isEqualTo(vector.at("/expected/mix42").asString());
    }

    @Test
    void layersAreThoseOfTheVectors() throws IOException {
        JsonNode vector = vector("layer_sampling", "counts_and_sets");
        long seed = vector.at("/input/seed").asLong();
        int round = vector.at("/input/round").asInt();
        List<Long> layers =
                LongStream.range(0, vector.at("/input/layers").asInt()).boxed().toList();
        JsonNode sets = vector.at("/expected/sets");

        for (int client = 0; client < sets.size(); client++) {
            long ofClient = client;
            int wanted = vector.at("/expected/counts").get(client).asInt();
            List<Long> drawn =
                    layers.stream()
                            .sorted((a, b) ->
                                    Long.compareUnsigned(
                                            HashKeys.key(seed, round, ofClient, a),
                                            HashKeys.key(seed, round, ofClient, b)))
                            .limit(wanted)
                            .sorted()
                            .toList();
            assertThat(drawn).isEqualTo(longs(sets.get(client)));
        }
    }

    @Test
    void cohortsAreThoseOfTheVectors() throws IOException {
        JsonNode vector = vector("client_selection", "seeded_uniform");
        long seed = vector.at("/input/seed").asLong();
        List<Long> clients =
                LongStream.range(0, vector.at("/input/clients").asInt()).boxed().toList();
        int wanted = CohortSize.of(vector.at("/input/fraction").asDouble(), clients.size());

        assertThat(wanted).isEqualTo(vector.at("/expected/m").asInt());
        JsonNode rounds = vector.at("/input/rounds");
        for (int i = 0; i < rounds.size(); i++) {
            int round = rounds.get(i).asInt();
            List<Long> order =
                    UniformDraw.order(
                            clients,
                            Comparator.naturalOrder(),
                            client -> HashKeys.key(seed, round, client));
            assertThat(order.stream().limit(wanted).sorted().toList())
                    .isEqualTo(longs(vector.at("/expected/selected").get(i)));
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "loss_difference_top2",
                "loss_difference_tie_top1",
                "loss_difference_new_client_first"
            })
    void lossDifferencesAreThoseOfTheVectors(String name) throws IOException {
        JsonNode vector = vector("client_selection", name);

        SelectionView decided =
                decided(
                        new SelectionSpec.LossDifference(1, null, null, null),
                        vector.at("/input/clients"),
                        vector.at("/input/m").asInt());

        assertThat(chosen(decided)).isEqualTo(longs(vector.at("/expected/selected")));
        JsonNode scores = vector.at("/expected/scores");
        for (int i = 0; i < scores.size(); i++) {
            Double score = decided.candidates().get(i).score();
            if (scores.get(i).isNull()) {
                assertThat(score).isNull();
            } else {
                assertThat(score).isCloseTo(scores.get(i).asDouble(), within(1e-9));
            }
        }
    }

    @Test
    void theLargestLossesAreThoseOfTheVectors() throws IOException {
        JsonNode vector = vector("client_selection", "power_of_choice_final_step");

        SelectionView decided =
                decided(
                        new SelectionSpec.PowerOfChoice(1, null, null),
                        vector.at("/input/candidates"),
                        vector.at("/input/m").asInt());

        assertThat(chosen(decided)).isEqualTo(longs(vector.at("/expected/selected")));
    }

    private static SelectionView decided(SelectionSpec policy, JsonNode clients, int wanted) {
        List<Candidate> candidates =
                StreamSupport.stream(clients.spliterator(), false)
                        .map(VectorsTest::candidate)
                        .sorted(Comparator.comparing(Candidate::agent))
                        .toList();
        return Draw.decide(new SelectionView(1, policy, 42, null, wanted, candidates, List.of()));
    }

    private static Candidate candidate(JsonNode client) {
        JsonNode own = client.path("localLoss");
        return new Candidate(
                new AgentName("client-" + client.get("id").asLong()),
                client.has("n") ? client.get("n").asLong() : 1,
                0,
                null,
                true,
                client.has("loss")
                        ? client.get("loss").asDouble()
                        : client.get("globalLoss").asDouble(),
                own.isNumber() ? own.asDouble() : null,
                1,
                null,
                false,
                "not chosen yet");
    }

    private static List<Long> chosen(SelectionView decided) {
        return Draw.cohort(decided).stream()
                .map(agent -> Long.valueOf(agent.value().substring("client-".length())))
                .toList();
    }

    private static List<Long> longs(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asLong).toList();
    }

    private static JsonNode vector(String file, String name) throws IOException {
        try (InputStream in = VectorsTest.class.getResourceAsStream("/vectors/" + file + ".json")) {
            JsonNode cases = JsonMapper.shared().readTree(in).get("cases");
            return StreamSupport.stream(cases.spliterator(), false)
                    .filter(one -> one.get("name").asString().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
