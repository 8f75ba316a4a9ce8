package dev.espalier.lm.sensitivity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SensitivityTest {

    private static final String A = "base_model.model.layer.lora_A.weight";
    private static final String B = "base_model.model.layer.lora_B.weight";
    private static final Map<String, Shape> SHAPES = Map.of(A, Shape.of(2, 3), B, Shape.of(4, 2));

    static Stream<JsonNode> cases() {
        JsonNode file =
                JsonMapper.shared()
                        .readTree(
                                SensitivityTest.class.getResourceAsStream(
                                        "/vectors/sensitivity.json"));
        return file.get("cases").valueStream();
    }

    static Stream<JsonNode> smoothed() {
        return cases().filter(one -> one.get("input").has("beta1"));
    }

    static Stream<JsonNode> combined() {
        return cases().filter(one -> one.get("input").has("combine"));
    }

    static Stream<JsonNode> proxies() {
        return cases().filter(one -> one.get("input").has("w_before"));
    }

    @Test
    void everyVectorIsTried() {
        assertThat(smoothed().count() + combined().count() + proxies().count())
                .isEqualTo(cases().count());
    }

    @ParameterizedTest
    @MethodSource("smoothed")
    void elementsAreSmoothedAsInTheVectors(JsonNode one) {
        JsonNode in = one.get("input");
        int length = in.get("weights").get(0).size();
        Sensitivity sensitivity =
                Sensitivity.start(
                        Map.of("w", Shape.of(length)),
                        new Smoothing(in.get("beta1").asDouble(), in.get("beta2").asDouble()));
        JsonNode steps = one.get("expected").get("steps");
        for (int t = 0; t < steps.size(); t++) {
            sensitivity.update(
                    vector("w", in.get("weights").get(t)), vector("w", in.get("gradients").get(t)));

            JsonNode expected = steps.get(t);
            close(sensitivity.smoothed("w"), expected.get("smoothed"), one);
            close(sensitivity.uncertainty("w"), expected.get("uncertainty"), one);
            close(sensitivity.scores("w", ElementScore.SMOOTHED), expected.get("smoothed"), one);
            close(sensitivity.scores("w", ElementScore.ADALORA), expected.get("score"), one);
        }
    }

    @ParameterizedTest
    @MethodSource("combined")
    void componentsAreScoredAsInTheVectors(JsonNode one) {
        JsonNode in = one.get("input");
        ComponentScore combine =
                switch (in.get("combine").asString()) {
                    case "MEAN_PLUS_MEAN" -> ComponentScore.MEAN_PLUS_MEAN;
                    case "MEAN_ALL" -> ComponentScore.MEAN_OF_ALL;
                    default -> ComponentScore.SUM;
                };
        double[] scores =
                combine.ofAll(
                        in.get("scoreA").size(), flat(in.get("scoreA")), flat(in.get("scoreB")));

        close(scores, one.get("expected").get("componentScores"), one);
    }

    @ParameterizedTest
    @MethodSource("proxies")
    void anUpdateStandsInForTheGradientAsInTheVectors(JsonNode one) {
        JsonNode in = one.get("input");
        AdapterWeights after = vector("w", in.get("w_after"));
        AdapterWeights proxy =
                Sensitivity.gradientProxy(
                        vector("w", in.get("w_before")), after, in.get("eta").asDouble());
        Sensitivity latest =
                Sensitivity.start(after.shapes(), new Smoothing(0, 0)); // remembers nothing
        latest.update(after, proxy);

        assertThat(proxy.values("w"))
                .containsExactly(floats(one.get("expected").get("gradientProxy")));
        close(latest.smoothed("w"), one.get("expected").get("importance"), one);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatWasStoredGoesOnAsIfItHadNotStopped(long seed, @TempDir Path folder)
            throws IOException {
        Path file = folder.resolve("sensitivity.safetensors");
        Sensitivity through = Sensitivity.start(SHAPES, Smoothing.defaults());
        Sensitivity stopped = Sensitivity.start(SHAPES, Smoothing.defaults());
        Random any = new Random(seed);
        for (int step = 0; step < 6; step++) {
            AdapterWeights weights = random(any);
            AdapterWeights gradients = random(any);
            through.update(weights, gradients);
            stopped.update(weights, gradients);
            stopped.write(file);
            stopped = Sensitivity.read(file);
        }

        assertThat(stopped.shapes()).isEqualTo(SHAPES);
        for (String name : SHAPES.keySet()) {
            assertThat(stopped.smoothed(name)).isEqualTo(through.smoothed(name));
            assertThat(stopped.uncertainty(name)).isEqualTo(through.uncertainty(name));
        }
        assertThat(components(stopped)).isEqualTo(components(through));
    }

    /** Scaling A up and B down by a power of two scales their gradients the other way. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void howAProductIsSplitBetweenAAndBDoesNotMatter(long seed) {
        AdapterWeights weights = random(new Random(seed));
        AdapterWeights gradients = random(new Random(-seed));
        Sensitivity plain = Sensitivity.start(SHAPES, Smoothing.defaults());
        Sensitivity split = Sensitivity.start(SHAPES, Smoothing.defaults());
        plain.update(weights, gradients);
        split.update(scaled(weights, 4), scaled(gradients, 0.25f));

        assertThat(components(split)).isEqualTo(components(plain));
    }

    @Test
    void refusedValuesChangeNothing() {
        Sensitivity sensitivity = Sensitivity.start(SHAPES, Smoothing.defaults());
        AdapterWeights fine = random(new Random(1));
        sensitivity.update(fine, fine);
        double[] before = components(sensitivity);

        assertThatThrownBy(() -> sensitivity.update(fine, scaled(fine, Float.NaN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("layer");
        AdapterWeights other =
                AdapterWeights.builder().put(A, Shape.of(2, 3), new float[6]).build();
        assertThatThrownBy(() -> sensitivity.update(other, other))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(components(sensitivity)).isEqualTo(before);
    }

    @Test
    void anotherFileIsNoState(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("other.safetensors");
        new SafetensorsWriter().floats("smoothed.x", Shape.of(1), new float[1]).write(file);

        assertThatThrownBy(() -> Sensitivity.read(file)).isInstanceOf(ModelRefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void aShareOutsideItsRangeIsRefused(double share) {
        assertThatThrownBy(() -> new Smoothing(share, 0.5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Smoothing(0.5, share))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static double[] components(Sensitivity sensitivity) {
        return sensitivity.components("layer", ElementScore.ADALORA, ComponentScore.MEAN_PLUS_MEAN);
    }

    private static AdapterWeights random(Random any) {
        AdapterWeights.Builder weights = AdapterWeights.builder();
        Stream.of(A, B)
                .forEach(name -> {
                    float[] values = new float[(int) SHAPES.get(name).elements()];
                    IntStream.range(0, values.length)
                            .forEach(i -> values[i] = any.nextFloat() - 0.5f);
                    weights.put(name, SHAPES.get(name), values);
                });
        return weights.build();
    }

    /** A times a factor, B divided by it. */
    private static AdapterWeights scaled(AdapterWeights weights, float factor) {
        AdapterWeights.Builder scaled = AdapterWeights.builder();
        for (String name : weights.names()) {
            float[] values = weights.values(name);
            for (int i = 0; i < values.length; i++) {
                values[i] *= name.equals(A) ? factor : 1 / factor;
            }
            scaled.put(name, weights.shape(name), values);
        }
        return scaled.build();
    }

    private static AdapterWeights vector(String name, JsonNode values) {
        return AdapterWeights.builder().put(name, Shape.of(values.size()), floats(values)).build();
    }

    private static float[] floats(JsonNode values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values.get(i).asDouble();
        }
        return floats;
    }

    private static double[] flat(JsonNode rows) {
        return rows.valueStream()
                .flatMap(JsonNode::valueStream)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static void close(double[] actual, JsonNode expected, JsonNode one) {
        double[] values = expected.valueStream().mapToDouble(JsonNode::asDouble).toArray();
        assertThat(actual).containsExactly(values, within(one.get("tolerance").asDouble()));
    }
}
