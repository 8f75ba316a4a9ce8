package dev.espalier.lm.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.IndexSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Components that are held, taken out and put back, against the published cases. */
class RankVectorsTest {

    private static final String MODULE = "toy";

    private static JsonNode vector(String file, String name) {
        return JsonMapper.shared()
                .readTree(RankVectorsTest.class.getResourceAsStream("/vectors/" + file))
                .get("cases")
                .valueStream()
                .filter(one -> one.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncation_download", "prefix_truncation_download"})
    void someComponentsAreTakenByIndex(String name) {
        JsonNode in = vector("rank_selection.json", name).get("input");
        JsonNode expected = vector("rank_selection.json", name).get("expected");

        AdapterWeights taken = components(expected.get("indices")).taken(weights(in, "A", "B"));

        assertThat(taken).isEqualTo(weights(expected, "A", "B"));
    }

    @Test
    void frozenComponentsStayInTheForwardPassAndTruncatedOnesDoNot() {
        JsonNode in = vector("rank_selection.json", "freezing_forward").get("input");
        JsonNode expected = vector("rank_selection.json", "freezing_forward").get("expected");
        AdapterWeights all = weights(in, "A", "B");
        AdapterSettings settings = settings(3, 3 * in.get("scale").asDouble());
        AdapterPart trainable = components(expected.get("trainable"));

        assertClose(delta(settings, all, 2, 2), expected.get("forwardDeltaW"));
        assertClose(
                delta(settings.truncated(2), trainable.taken(all), 2, 2),
                expected.get("truncatedDeltaW"));
    }

    @Test
    void theDeltaIsThatOfItsComponents() {
        JsonNode whole = vector("lora_delta.json", "delta_r2");
        JsonNode sum = vector("lora_delta.json", "delta_as_sum_of_rank1").get("expected");
        AdapterSettings settings =
                settings(
                        whole.get("input").get("r").asInt(),
                        whole.get("input").get("alpha").asDouble());
        AdapterWeights all = weights(whole.get("input"), "A", "B");

        assertThat(settings.scaling()).isEqualTo(whole.get("expected").get("scale").asDouble());
        assertClose(delta(settings, all, 3, 4), whole.get("expected").get("deltaW"));
        assertClose(delta(settings, all, 3, 4), sum.get("sum"));
        for (int i = 0; i < 2; i++) {
            assertClose(
                    delta(settings.truncated(1), components(i).taken(all), 3, 4),
                    sum.get("component" + i));
        }
    }

    @Test
    void aTruncatedAdapterKeepsTheScaleOfTheWhole() {
        JsonNode one = vector("lora_delta.json", "constant_scale_under_truncation");
        JsonNode in = one.get("input");
        AdapterWeights kept = weights(in, "A_kept", "B_kept");
        double alpha = in.get("alpha").asDouble();
        AdapterSettings whole = settings(in.get("R").asInt(), alpha);
        AdapterSettings truncated = whole.truncated(in.get("r_k").asInt());
        AdapterSettings naive = settings(in.get("r_k").asInt(), alpha);

        assertThat(truncated.scaling()).isEqualTo(one.get("expected").get("job_scale").asDouble());
        assertClose(delta(truncated, kept, 3, 4), one.get("expected").get("deltaW"));
        assertThat(naive.scaling()).isEqualTo(one.get("expected").get("naive_scale").asDouble());
        assertClose(delta(naive, kept, 3, 4), one.get("expected").get("deltaW_naive"));
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noTruncationMovesTheScaleByABit(long seed) {
        Random any = new Random(seed);
        int rank = 1 + any.nextInt(64);
        AdapterSettings whole = settings(rank, 100 * (1 - any.nextDouble()));

        AdapterSettings once = whole.truncated(1 + any.nextInt(rank));
        AdapterSettings twice = once.truncated(1 + any.nextInt(once.rank()));

        assertThat(once.scaling()).isEqualTo(whole.scaling());
        assertThat(twice.scaling()).isEqualTo(whole.scaling());
        assertThat(whole.truncated(rank)).isEqualTo(whole);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsTakenAndPutBackIsWhatItWas(long seed) {
        Random any = new Random(seed);
        int rank = 1 + any.nextInt(6);
        AdapterWeights whole = drawn(any, rank);
        AdapterPart part =
                components(IntStream.range(0, rank).filter(i -> any.nextBoolean()).toArray());
        AdapterWeights other = drawn(any, rank);

        AdapterWeights mixed = part.put(whole, part.taken(other));

        assertThat(part.put(mixed, part.taken(whole))).isEqualTo(whole);
        assertThat(part.taken(mixed)).isEqualTo(part.taken(other));
    }

    @Test
    void moreComponentsThanThereAreAreRefused() {
        assertThatThrownBy(() -> settings(4, 8).truncated(5)).hasMessageContaining("only 4");
        assertThatThrownBy(() -> settings(4, 8).truncated(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() ->
                        new AdapterSettings(
                                3, 2, 8, 0, TargetModules.names(MODULE), TaskHead.frozen()))
                .hasMessageContaining("cut from 2");
    }

    private static AdapterSettings settings(int rank, double alpha) {
        return new AdapterSettings(rank, alpha, 0, TargetModules.names(MODULE), TaskHead.frozen());
    }

    private static AdapterPart components(JsonNode indices) {
        return components(indices.valueStream().mapToInt(JsonNode::asInt).toArray());
    }

    private static AdapterPart components(int... indices) {
        return AdapterPart.ofComponents(Map.of(MODULE, IndexSet.of(indices)));
    }

    private static double[] delta(
            AdapterSettings settings, AdapterWeights weights, int in, int out) {
        AdapterDelta delta = new AdapterDelta(new AdapterLayout(model(in, out), settings), weights);
        float[] merged = delta.mergedInto(MODULE + ".weight", () -> new float[in * out]);
        return IntStream.range(0, merged.length).mapToDouble(i -> merged[i]).toArray();
    }

    private static ModelStructure model(int in, int out) {
        return new ModelStructure(
                "toy",
                1,
                in,
                1,
                1,
                1,
                1,
                1,
                1,
                List.of(new LinearLayer(MODULE, in, out)),
                List.of(),
                "head",
                List.of(),
                List.of(),
                List.of(MODULE),
                0.02);
    }

    private static AdapterWeights weights(JsonNode node, String a, String b) {
        return AdapterWeights.builder()
                .put(AdapterKey.a(MODULE), shape(node.get(a)), floats(node.get(a)))
                .put(AdapterKey.b(MODULE), shape(node.get(b)), floats(node.get(b)))
                .build();
    }

    private static AdapterWeights drawn(Random any, int rank) {
        return AdapterWeights.builder()
                .put(AdapterKey.a(MODULE), Shape.of(rank, 3), draw(any, 3 * rank))
                .put(AdapterKey.b(MODULE), Shape.of(4, rank), draw(any, 4 * rank))
                .build();
    }

    private static float[] draw(Random any, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) any.nextGaussian();
        }
        return values;
    }

    private static Shape shape(JsonNode matrix) {
        return Shape.of(matrix.size(), matrix.get(0).size());
    }

    private static float[] floats(JsonNode matrix) {
        double[] wide = doubles(matrix);
        float[] values = new float[wide.length];
        for (int i = 0; i < wide.length; i++) {
            values[i] = (float) wide[i];
        }
        return values;
    }

    private static double[] doubles(JsonNode matrix) {
        return matrix.valueStream()
                .flatMap(JsonNode::valueStream)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static void assertClose(double[] actual, JsonNode expected) {
        assertThat(actual).containsExactly(doubles(expected), within(1e-9));
    }
}
