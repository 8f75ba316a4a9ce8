package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.Vectors;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.HeadWeighted.Weighting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The published vectors through the combiner, from files to a file: expectations hold once they are
 * rounded to a float. The vectors of the kernel itself are tested where it lives.
 */
class RuleVectorsTest {

    private static final AggregationSpec FED_AVG = new AggregationSpec.FedAvg(null);

    @TempDir Path folder;

    static Stream<Arguments> headWeighted() {
        return Stream.concat(
                Vectors.of("head_weighted.json"), Vectors.of("composed_head_rank.json"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("headWeighted")
    void headsAreWeighedAsTheVectorSays(JsonNode one) throws IOException {
        JsonNode in = one.get("input");
        OneModule module = attention(in, one.get("name").asString().equals("o_module"));
        Weighting weighting =
                in.has("weighting")
                        ? Weighting.valueOf(in.get("weighting").asString())
                        : Weighting.N_TIMES_CONF;

        module.combine(
                in.get("previous"),
                module.write(in.get("clients")),
                new AggregationSpec.HeadWeighted(weighting, null));

        module.assertFactor("A", one.get("expected").get("A"));
        module.assertFactor("B", one.get("expected").get("B"));
    }

    @Test
    void eachClientWeighsAsMuchAsItHasExamples() throws IOException {
        JsonNode one = Vectors.one("fedavg.json", "weighted_mean");

        assertAveraged(one.get("input").get("clients"), null, one.get("expected").get("v"));
    }

    @Test
    void factorsAreAveragedApartWhichIsNotTheMeanOfTheirProducts() throws IOException {
        JsonNode one = Vectors.one("fedavg.json", "factor_averaging_bias");
        OneModule module = OneModule.plain(folder, 1, 2, 2);

        module.combine(null, module.write(one.get("input").get("clients")), FED_AVG);

        JsonNode expected = one.get("expected");
        module.assertFactor("A", expected.get("A"));
        module.assertFactor("B", expected.get("B"));
        float[] a = module.result("A");
        float[] b = module.result("B");
        for (int row = 0; row < 2; row++) {
            for (int column = 0; column < 2; column++) {
                assertThat((double) b[row] * a[column])
                        .isCloseTo(at(expected, "productOfMeans", row, column), within(1e-9))
                        .isNotCloseTo(at(expected, "meanOfProducts", row, column), within(0.4));
            }
        }
    }

    @Test
    void aClientWithoutExamplesIsIgnored() throws IOException {
        JsonNode one = Vectors.one("edge_cases.json", "zero_sample_client_ignored_in_fedavg");

        assertAveraged(one.get("input").get("clients"), null, one.get("expected").get("v"));
    }

    @Test
    void whereNobodyHasExamplesTheParentStays() throws IOException {
        JsonNode one = Vectors.one("edge_cases.json", "all_clients_zero_samples");
        JsonNode in = one.get("input");

        assertAveraged(in.get("clients"), in.get("previous"), one.get("expected").get("v"));
    }

    @Test
    void oneResponderAloneComesOutAsItWentIn() throws IOException {
        JsonNode one = Vectors.one("edge_cases.json", "single_client_identity");
        JsonNode clients = JsonNodeFactory.instance.arrayNode().add(one.at("/input/client"));

        assertAveraged(clients, null, one.get("expected").get("v"));
    }

    @Test
    void theOrderOfArrivalIsNotTheOrderOfAddition() throws IOException {
        JsonNode one = Vectors.one("edge_cases.json", "order_independence");
        JsonNode values = one.at("/input/v");
        OneModule module = OneModule.plain(folder, 1, 1, 1);
        List<Brought> arrived = new ArrayList<>();
        for (JsonNode k : one.at("/input/arrival")) {
            JsonNode client = row(JsonNodeFactory.instance.arrayNode().add(values.get(k.asInt())));
            arrived.add(module.write("agent-" + k.asInt(), client));
        }

        module.combine(null, arrived, FED_AVG);

        assertThat(module.result("A")).containsExactly((float) one.at("/expected/v").asDouble());
    }

    /** The vectors {@code v} as the only row of A. */
    private void assertAveraged(JsonNode clients, @Nullable JsonNode previous, JsonNode expected)
            throws IOException {
        int width = expected.size();
        OneModule module = OneModule.plain(folder, 1, width, 1);
        List<Brought> brought = new ArrayList<>();
        for (JsonNode client : clients) {
            JsonNode row = row(client.get("v"), client.get("n").asInt());
            brought.add(module.write("agent-" + brought.size(), row));
        }

        module.combine(previous == null ? null : row(previous), brought, FED_AVG);

        module.assertFactor("A", JsonNodeFactory.instance.arrayNode().add(expected));
    }

    private static JsonNode row(JsonNode values) {
        return row(values, 1);
    }

    private static JsonNode row(JsonNode values, int examples) {
        var factors = JsonNodeFactory.instance.objectNode().put("n", examples);
        factors.putArray("A").add(values);
        return factors;
    }

    /** Block, module and rank in which the factors of a case have their shapes. */
    private OneModule attention(JsonNode in, boolean output) {
        JsonNode previous = in.get("previous");
        int heads = in.get("H").asInt();
        int size = in.get("dk").asInt();
        int width = output ? previous.get("B").size() : previous.get("A").get(0).size();
        return new OneModule(
                folder,
                new AttentionModel(1, heads, heads, size, width, width, false),
                previous.get("A").size(),
                output ? "out" : "query");
    }

    private static double at(JsonNode expected, String matrix, int row, int column) {
        return expected.get(matrix).get(row).get(column).asDouble();
    }
}
