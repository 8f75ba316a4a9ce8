package dev.espalier.aggregation.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.Vectors;
import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.ClientProducts;
import dev.espalier.aggregation.combine.ClientProducts.Absent;
import dev.espalier.aggregation.combine.StackedFactors;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** From update files to the weights of the next base. */
class StackingTest {

    private static final String MODULE = AttentionModel.block(0) + ".query";
    private static final String W = MODULE + ".weight";

    @TempDir Path folder;

    private int written;

    static Stream<Arguments> stacked() {
        return Vectors.of("flora_stacking.json");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stacked")
    void clientsAreStackedAsTheVectorSays(JsonNode one) throws IOException {
        Shapes shapes = new Shapes(2, 2, 2);
        JsonNode expected = one.get("expected");
        List<Brought> clients = new ArrayList<>();
        for (JsonNode client : one.get("input").get("clients")) {
            clients.add(client(shapes, client.get("A"), client.get("B"), client.get("n").asInt()));
        }

        try (ClientProducts products = products(shapes, clients)) {
            StackedFactors mean = products.mean(MODULE);
            if (expected.has("A")) {
                assertThat(mean.rank()).isEqualTo(expected.get("stackedRank").asInt());
                assertEach(expected.get("A"), mean::a);
                assertEach(expected.get("B"), mean::b);
            }
        }
        double scale = one.get("input").get("scale").asDouble();
        float[] merged = added(shapes, clients, scale);
        for (String right : List.of("deltaW", "exactWeightedSum", "rightDeltaW")) {
            if (expected.has(right)) {
                assertEach(expected.get(right), (row, column) -> merged[row * 2 + column]);
            }
        }
        if (expected.has("wrongDeltaW")) {
            assertThat((double) merged[0]).isNotCloseTo(at(expected, "wrongDeltaW"), within(1.0));
        }
    }

    @Test
    void anAdapterAddsTheProductOfItsFactorsTimesItsScale() throws IOException {
        JsonNode one = Vectors.one("lora_delta.json", "delta_r2");
        JsonNode in = one.get("input");
        double scale = in.get("alpha").asDouble() / in.get("r").asInt();

        assertThat(scale).isEqualTo(one.get("expected").get("scale").asDouble());
        assertDelta(one.get("expected").get("deltaW"), in.get("A"), in.get("B"), scale);
    }

    @Test
    void aProductIsTheSumOfItsComponents() throws IOException {
        JsonNode one = Vectors.one("lora_delta.json", "delta_as_sum_of_rank1");
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        for (int c = 0; c < 2; c++) {
            JsonNode a = JsonMapper.shared().createArrayNode().add(in.get("A").get(c));
            JsonNode b = column(in.get("B"), c);
            assertDelta(expected.get("component" + c), a, b, in.get("scale").asDouble());
        }
        assertDelta(expected.get("sum"), in.get("A"), in.get("B"), in.get("scale").asDouble());
    }

    @Test
    void whoTrainsFewerComponentsHasTheScaleOfAll() throws IOException {
        JsonNode one = Vectors.one("lora_delta.json", "constant_scale_under_truncation");
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        double scale = in.get("alpha").asDouble() / in.get("R").asInt();

        assertThat(scale).isEqualTo(expected.get("job_scale").asDouble());
        assertDelta(expected.get("deltaW"), in.get("A_kept"), in.get("B_kept"), scale);
        assertThat(at(expected, "deltaW")).isNotEqualTo(at(expected, "deltaW_naive"));
    }

    static LongStream seeds() {
        return LongStream.range(0, 25);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theNextBaseIsTheOldOneAndTheMeanOfTheProducts(long seed) throws IOException {
        Random any = new Random(seed);
        Shapes shapes = new Shapes(5, 7, 4);
        List<Brought> clients = clients(shapes, any);
        double scale = 2;

        float[] merged = merged(shapes, clients, scale, DType.F32);

        double[] expected = meanOfProducts(shapes, clients);
        for (int i = 0; i < merged.length; i++) {
            assertThat((double) merged[i] - base(i))
                    .isCloseTo(scale * expected[i], within(1e-6 * (1 + Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theOrderOfArrivalChangesNoBit(long seed) throws IOException {
        Random any = new Random(seed);
        Shapes shapes = new Shapes(5, 7, 4);
        List<Brought> clients = clients(shapes, any);
        float[] expected = merged(shapes, clients, 2, DType.F32);
        Collections.shuffle(clients, any);

        assertThat(merged(shapes, clients, 2, DType.F32)).containsExactly(expected);
    }

    @Test
    void itIsNotTheProductOfTheMeansOfTheFactors() throws IOException {
        JsonNode one = Vectors.one("fedavg.json", "factor_averaging_bias");
        Shapes shapes = new Shapes(2, 2, 1);
        List<Brought> clients = new ArrayList<>();
        for (JsonNode client : one.get("input").get("clients")) {
            clients.add(client(shapes, client.get("A"), client.get("B"), client.get("n").asInt()));
        }

        float[] merged = added(shapes, clients, 1);

        assertEach(
                one.get("expected").get("meanOfProducts"),
                (row, column) -> merged[row * 2 + column]);
        assertThat((double) merged[0])
                .isNotCloseTo(at(one.get("expected"), "productOfMeans"), within(0.4));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void smallChangesSurviveANarrowBase(DType narrow) throws IOException {
        Shapes shapes = new Shapes(5, 7, 4);
        List<Brought> clients = clients(shapes, new Random(1));
        double tiny = 1e-5;

        float[] merged = merged(shapes, clients, tiny, narrow);

        double[] expected = meanOfProducts(shapes, clients);
        int kept = 0;
        for (int i = 0; i < merged.length; i++) {
            float before = narrow.rounded(base(i));
            assertThat((double) merged[i] - before).isCloseTo(tiny * expected[i], within(2e-7));
            kept += narrow.rounded(merged[i]) == before ? 1 : 0;
        }
        assertThat(kept).as("in the base's own type nearly all would be lost").isGreaterThan(25);
    }

    @ParameterizedTest
    @CsvSource({"3,2", "4,4"})
    void weightsWithTheirInputsFirstAreTransposed(int in, int out) throws IOException {
        Shapes shapes = new Shapes(in, out, 2);
        List<Brought> clients = clients(shapes, new Random(2));
        double[] expected = meanOfProducts(shapes, clients);

        float[] merged = merged(shapes, clients, 2, DType.F32, new BaseMerge.Form(true, true));

        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                assertThat((double) merged[i * out + o] - base(i * out + o))
                        .isCloseTo(2 * expected[o * in + i], within(1e-5));
            }
        }
    }

    /** A base with one module that is adapted. */
    private record Shapes(int in, int out, int rank) {

        AdapterLayout layout() {
            return new AttentionModel(1, 1, 1, out, in, in, false).layout(rank, "query");
        }

        AdapterTensor factor(String name) {
            return layout().tensor(AdapterLayout.PREFIX + MODULE + ".lora_" + name + ".weight")
                    .orElseThrow();
        }
    }

    private interface Elements {
        double at(int row, int column);
    }

    private static void assertEach(JsonNode matrix, Elements elements) {
        for (int row = 0; row < matrix.size(); row++) {
            for (int column = 0; column < matrix.get(row).size(); column++) {
                assertThat(elements.at(row, column))
                        .isCloseTo(matrix.get(row).get(column).asDouble(), within(1e-9));
            }
        }
    }

    private static double at(JsonNode expected, String matrix) {
        return expected.get(matrix).get(0).get(0).asDouble();
    }

    private static JsonNode column(JsonNode matrix, int column) {
        ArrayNode rows = JsonMapper.shared().createArrayNode();
        matrix.forEach(row -> rows.addArray().add(row.get(column)));
        return rows;
    }

    /** One client with these factors alone, merged into a base of zeros, [4, 3]. */
    private void assertDelta(JsonNode expected, JsonNode a, JsonNode b, double scale)
            throws IOException {
        Shapes shapes = new Shapes(3, 4, 2);
        float[] merged = added(shapes, List.of(client(shapes, a, b, 1)), scale);
        assertEach(expected, (row, column) -> merged[row * 3 + column]);
    }

    /** What is added to a base of zeros. */
    private float[] added(Shapes shapes, List<Brought> clients, double scale) throws IOException {
        Path zeros = folder.resolve("zeros");
        new SafetensorsWriter()
                .floats(
                        W,
                        Shape.of(shapes.out(), shapes.in()),
                        new float[shapes.out() * shapes.in()])
                .write(zeros);
        return merged(shapes, clients, scale, zeros, new BaseMerge.Form(false, true));
    }

    /** The first components of an adapter, as many as A has rows. */
    private Brought client(Shapes shapes, JsonNode a, JsonNode b, int examples) throws IOException {
        return client(shapes, a.size(), values(a), values(b), examples);
    }

    private Brought client(Shapes shapes, int count, float[] a, float[] b, int examples)
            throws IOException {
        int[] components = IntStream.range(0, count).toArray();
        AgentName agent = new AgentName("agent-" + written++);
        Path file = folder.resolve(agent.value());
        AdapterTensor first = shapes.factor("A");
        AdapterTensor second = shapes.factor("B");
        UpdateFile.write(
                file,
                Map.of(),
                List.of(
                        MaskedTensor.rows(first.name(), TinyModel.shape(first), components, a),
                        MaskedTensor.columns(
                                second.name(), TinyModel.shape(second), components, b)),
                DType.F32);
        return new Brought(agent, examples, null, file);
    }

    private List<Brought> clients(Shapes shapes, Random any) throws IOException {
        List<Brought> clients = new ArrayList<>();
        for (int k = 0; k < 1 + any.nextInt(5); k++) {
            int count = 1 + any.nextInt(shapes.rank());
            float[] a = some(any, count * shapes.in());
            float[] b = some(any, shapes.out() * count);
            clients.add(client(shapes, count, a, b, 1 + any.nextInt(100)));
        }
        return clients;
    }

    private ClientProducts products(Shapes shapes, List<Brought> clients) throws IOException {
        Path parent = folder.resolve("parent");
        SafetensorsWriter writer = new SafetensorsWriter();
        for (AdapterTensor tensor : shapes.layout().tensors()) {
            writer.floats(
                    tensor.name(), TinyModel.shape(tensor), new float[(int) tensor.elements()]);
        }
        writer.write(parent);
        return ClientProducts.open(shapes.layout(), Absent.NOTHING, parent, clients);
    }

    private float[] merged(Shapes shapes, List<Brought> clients, double scale, DType base)
            throws IOException {
        return merged(shapes, clients, scale, base, new BaseMerge.Form(false, true));
    }

    private float[] merged(
            Shapes shapes, List<Brought> clients, double scale, DType base, BaseMerge.Form form)
            throws IOException {
        float[] values = new float[shapes.in() * shapes.out()];
        for (int i = 0; i < values.length; i++) {
            values[i] = base(i);
        }
        Path file = folder.resolve("base");
        Shape shape =
                form.inputFirst()
                        ? Shape.of(shapes.in(), shapes.out())
                        : Shape.of(shapes.out(), shapes.in());
        new SafetensorsWriter().floats(W, base, shape, values).write(file);
        return merged(shapes, clients, scale, file, form);
    }

    private float[] merged(
            Shapes shapes, List<Brought> clients, double scale, Path base, BaseMerge.Form form)
            throws IOException {
        Path result = folder.resolve("merged");
        try (SafetensorsFile before = SafetensorsFile.open(base);
                ClientProducts products = products(shapes, clients)) {
            new BaseMerge(List.of(before), null, new RoundAdditions(products), scale, form)
                    .write(result);
        }
        try (SafetensorsFile after = SafetensorsFile.open(result)) {
            assertThat(after.info(W).dtype()).isEqualTo(DType.F32);
            return after.floats(W);
        }
    }

    /** What the base has where a test does not bring its own: about 1, in any type. */
    private static float base(int i) {
        return 1 + i / 64f;
    }

    private static double[] meanOfProducts(Shapes shapes, List<Brought> clients)
            throws IOException {
        double all = clients.stream().mapToLong(Brought::examples).sum();
        double[] mean = new double[shapes.out() * shapes.in()];
        for (Brought client : clients) {
            try (SafetensorsFile file = SafetensorsFile.open(client.file())) {
                float[] a = file.floats(shapes.factor("A").name());
                float[] b = file.floats(shapes.factor("B").name());
                int count = a.length / shapes.in();
                for (int j = 0; j < mean.length; j++) {
                    for (int c = 0; c < count; c++) {
                        mean[j] +=
                                client.examples()
                                        / all
                                        * b[j / shapes.in() * count + c]
                                        * a[c * shapes.in() + j % shapes.in()];
                    }
                }
            }
        }
        return mean;
    }

    private static float[] some(Random any, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) any.nextGaussian();
        }
        return values;
    }

    private static float[] values(JsonNode matrix) {
        List<Float> values = new ArrayList<>();
        matrix.forEach(row -> row.forEach(value -> values.add((float) value.asDouble())));
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
