package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.Vectors;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.HeadWeighted.Weighting;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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

    private static final String BLOCK = AttentionModel.block(0);
    private static final AggregationSpec FED_AVG = new AggregationSpec.FedAvg(null);

    @TempDir Path folder;

    /** The one adapted module of a case. */
    private record Module(AttentionModel model, AdapterLayout layout, String name) {

        AdapterTensor factor(String name) {
            return layout.tensor(AdapterLayout.PREFIX + this.name + ".lora_" + name + ".weight")
                    .orElseThrow();
        }
    }

    static Stream<Arguments> headWeighted() {
        return Stream.concat(
                Vectors.of("head_weighted.json"), Vectors.of("composed_head_rank.json"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("headWeighted")
    void headsAreWeighedAsTheVectorSays(JsonNode one) throws IOException {
        JsonNode in = one.get("input");
        Module module = attention(in, one.get("name").asString().equals("o_module"));
        Weighting weighting =
                in.has("weighting")
                        ? Weighting.valueOf(in.get("weighting").asString())
                        : Weighting.N_TIMES_CONF;
        List<Brought> brought = new ArrayList<>();
        for (JsonNode client : in.get("clients")) {
            brought.add(write("agent-" + brought.size(), module, client));
        }

        combine(
                module,
                in.get("previous"),
                brought,
                new AggregationSpec.HeadWeighted(weighting, null));

        assertFactor(module, "A", one.get("expected").get("A"));
        assertFactor(module, "B", one.get("expected").get("B"));
    }

    @Test
    void eachClientWeighsAsMuchAsItHasExamples() throws IOException {
        JsonNode one = Vectors.one("fedavg.json", "weighted_mean");

        assertAveraged(one.get("input").get("clients"), null, one.get("expected").get("v"));
    }

    @Test
    void factorsAreAveragedApartWhichIsNotTheMeanOfTheirProducts() throws IOException {
        JsonNode one = Vectors.one("fedavg.json", "factor_averaging_bias");
        Module module = module(new AttentionModel(1, 1, 1, 2, 2, 2, false), 1, "query");
        List<Brought> brought = new ArrayList<>();
        for (JsonNode client : one.get("input").get("clients")) {
            brought.add(write("agent-" + brought.size(), module, client));
        }

        combine(module, null, brought, FED_AVG);

        JsonNode expected = one.get("expected");
        assertFactor(module, "A", expected.get("A"));
        assertFactor(module, "B", expected.get("B"));
        float[] a = result(module, "A");
        float[] b = result(module, "B");
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
        Module module = module(new AttentionModel(1, 1, 1, 1, 1, 1, false), 1, "query");
        List<Brought> arrived = new ArrayList<>();
        for (JsonNode k : one.at("/input/arrival")) {
            JsonNode client = row(JsonNodeFactory.instance.arrayNode().add(values.get(k.asInt())));
            arrived.add(write("agent-" + k.asInt(), module, client));
        }

        combine(module, null, arrived, FED_AVG);

        assertThat(result(module, "A")).containsExactly((float) one.at("/expected/v").asDouble());
    }

    /** The vectors {@code v} as the only row of A. */
    private void assertAveraged(JsonNode clients, @Nullable JsonNode previous, JsonNode expected)
            throws IOException {
        int width = expected.size();
        Module module = module(new AttentionModel(1, 1, 1, 1, width, 1, false), 1, "query");
        List<Brought> brought = new ArrayList<>();
        for (JsonNode client : clients) {
            JsonNode row = row(client.get("v"), client.get("n").asInt());
            brought.add(write("agent-" + brought.size(), module, row));
        }

        combine(module, previous == null ? null : row(previous), brought, FED_AVG);

        assertFactor(module, "A", JsonNodeFactory.instance.arrayNode().add(expected));
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
    private static Module attention(JsonNode in, boolean output) {
        JsonNode previous = in.get("previous");
        int heads = in.get("H").asInt();
        int size = in.get("dk").asInt();
        int width = output ? previous.get("B").size() : previous.get("A").get(0).size();
        return module(
                new AttentionModel(1, heads, heads, size, width, width, false),
                previous.get("A").size(),
                output ? "out" : "query");
    }

    private static Module module(AttentionModel model, int rank, String target) {
        return new Module(model, model.layout(rank, target), BLOCK + "." + target);
    }

    /**
     * Exactly what the vector gives: also the shared factor of a client without heads, which intake
     * lets nobody send.
     */
    private Brought write(String agent, Module module, JsonNode client) throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>();
        for (String name : List.of("A", "B")) {
            if (client.has(name)) {
                AdapterTensor factor = module.factor(name);
                AdapterLayout.Part part = part(module, factor, client);
                if (!part.isEmpty()) {
                    tensors.add(TinyModel.part(factor, part, spread(factor, client)));
                }
            }
        }
        Path file = folder.resolve(agent + ".safetensors");
        UpdateFile.write(file, Map.of(), tensors, DType.F32);
        long examples = client.get("n").asLong();
        return new Brought(new AgentName(agent), examples, heads(client), file);
    }

    private static @Nullable KeptHeads heads(JsonNode client) {
        if (!client.has("keep")) {
            return null;
        }
        List<Integer> kept = kept(client);
        List<Double> confidence =
                kept.stream().map(head -> client.get("conf").get(head).asDouble()).toList();
        return KeptHeads.of(Map.of(BLOCK, kept), Map.of(BLOCK, confidence));
    }

    private static List<Integer> kept(JsonNode client) {
        return IntStream.range(0, client.get("keep").size())
                .filter(head -> client.get("keep").get(head).asInt() == 1)
                .boxed()
                .toList();
    }

    /** What the client's masks leave of a factor, whatever else the vector shows. */
    private static AdapterLayout.Part part(Module module, AdapterTensor factor, JsonNode client) {
        List<Integer> trained =
                client.has("idx")
                        ? client.get("idx").valueStream().map(JsonNode::asInt).toList()
                        : null;
        boolean output = module.name().endsWith(".out");
        List<Integer> ofHeads =
                client.has("keep") && isA(factor) == output
                        ? ofKeptHeads(module.model().headSize(), kept(client))
                        : null;
        if (output) {
            return new AdapterLayout.Part(null, ofHeads);
        }
        return isA(factor)
                ? new AdapterLayout.Part(trained, null)
                : new AdapterLayout.Part(ofHeads, trained);
    }

    private static List<Integer> ofKeptHeads(int size, List<Integer> kept) {
        return kept.stream()
                .flatMap(head -> IntStream.range(head * size, (head + 1) * size).boxed())
                .toList();
    }

    /** The values of a factor in their places in the whole tensor. */
    private static float[] spread(AdapterTensor factor, JsonNode client) {
        JsonNode matrix = client.get(isA(factor) ? "A" : "B");
        boolean composed = client.has("idx");
        int width = factor.shape().get(1);
        float[] values = new float[(int) factor.elements()];
        for (int r = 0; r < matrix.size(); r++) {
            for (int c = 0; c < matrix.get(r).size(); c++) {
                int row = composed && isA(factor) ? client.get("idx").get(r).asInt() : r;
                int column = composed && !isA(factor) ? client.get("idx").get(c).asInt() : c;
                if (!matrix.get(r).get(c).isNull()) {
                    values[row * width + column] = matrix.get(r).get(c).floatValue();
                }
            }
        }
        return values;
    }

    private static boolean isA(AdapterTensor factor) {
        return factor.kind() == AdapterTensor.Kind.LORA_A;
    }

    /**
     * @param previous null or without a factor: zeros
     */
    private void combine(
            Module module,
            @Nullable JsonNode previous,
            List<Brought> brought,
            AggregationSpec specification)
            throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : List.of("A", "B")) {
            AdapterTensor factor = module.factor(name);
            float[] values =
                    previous == null || !previous.has(name)
                            ? new float[(int) factor.elements()]
                            : floats(previous.get(name));
            Shape shape = TinyModel.shape(factor);
            writer.floats(factor.name(), shape, values);
        }
        Path parent = folder.resolve("parent.safetensors");
        writer.write(parent);
        new RoundCombiner(MaskedMean.sequential())
                .combine(
                        module.layout(),
                        parent,
                        brought,
                        AggregationRule.of(specification, module.layout()),
                        folder.resolve("result.safetensors"));
    }

    private void assertFactor(Module module, String name, JsonNode expected) throws IOException {
        assertThat(result(module, name)).as(name).containsExactly(floats(expected));
    }

    private float[] result(Module module, String name) throws IOException {
        try (SafetensorsFile result = SafetensorsFile.open(folder.resolve("result.safetensors"))) {
            return result.floats(module.factor(name).name());
        }
    }

    private static float[] floats(JsonNode matrix) {
        List<Float> values = new ArrayList<>();
        matrix.forEach(row -> row.forEach(value -> values.add((float) value.asDouble())));
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }

    private static double at(JsonNode expected, String matrix, int row, int column) {
        return expected.get(matrix).get(row).get(column).asDouble();
    }
}
