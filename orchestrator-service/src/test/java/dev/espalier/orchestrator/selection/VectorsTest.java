package dev.espalier.orchestrator.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
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
        int wanted = UniformDraw.size(vector.at("/input/fraction").asDouble(), clients.size());

        assertThat(wanted).isEqualTo(vector.at("/expected/m").asInt());
        JsonNode rounds = vector.at("/input/rounds");
        for (int i = 0; i < rounds.size(); i++) {
            assertThat(
                            UniformDraw.draw(
                                    clients, wanted, seed, rounds.get(i).asInt(), Long::longValue))
                    .isEqualTo(longs(vector.at("/expected/selected").get(i)));
        }
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
