package dev.espalier.tensors.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.FloatSink;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.Vectors;
import dev.espalier.tensors.combine.ReferenceMaskedMean.Responder;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The vectors hold for the reference in double, and for the kernel once its result is a float. */
class MaskedMeanVectorsTest {

    private final double[] noPrevious = new double[16];

    /** Both sides of the law for one agent. */
    private record Agent(Responder slow, Contribution fast) {

        static Agent of(int id, JsonNode values, double... weight) {
            double[] wide = Vectors.doubles(values);
            boolean[] mask = new boolean[wide.length];
            Arrays.fill(mask, true);
            return of(id, wide, mask, spread(weight, wide.length));
        }

        static Agent of(int id, double[] values, boolean[] mask, double[] weights) {
            String name = "agent-" + (char) ('a' + id);
            Shape shape = Shape.of(values.length);
            float[] packed = new float[values.length];
            int kept = 0;
            for (int j = 0; j < values.length; j++) {
                if (mask[j]) {
                    packed[kept++] = (float) values[j];
                }
            }
            MaskedTensor tensor =
                    MaskedTensor.bitmap(
                            "v", shape, ElementMask.of(mask), Arrays.copyOf(packed, kept));
            return new Agent(
                    new Responder(name, values, mask, weights),
                    new Contribution(name, tensor, Weight.perRow(weights)));
        }

        private static double[] spread(double[] weight, int length) {
            double[] weights = new double[length];
            Arrays.fill(weights, weight[0]);
            return weights;
        }
    }

    static Stream<Arguments> cases() {
        return Stream.concat(Vectors.of("fedavg.json"), Vectors.of("edge_cases.json"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theMeanIsThatOfTheVector(JsonNode one) throws IOException {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        double tolerance = one.get("tolerance").asDouble();
        switch (one.get("name").asString()) {
            case "weighted_mean", "zero_sample_client_ignored_in_fedavg" ->
                    assertMean(clients(in, "v"), expected.get("v"), tolerance);
            case "factor_averaging_bias" -> {
                assertMean(clients(in, "A"), expected.get("A"), tolerance);
                assertMean(clients(in, "B"), expected.get("B"), tolerance);
            }
            case "all_clients_zero_samples" -> nobodyCounts(in, expected, tolerance);
            case "single_client_identity" ->
                    assertMean(
                            List.of(client(0, in.get("client"), "v")),
                            expected.get("v"),
                            tolerance);
            case "nan_update_rejected" -> nanIsRejected(in, expected, tolerance);
            case "order_independence" -> orderDoesNotMatter(in, expected);
            case "masked_mean_kernel" -> kernel(in, expected, tolerance);
            default -> throw new AssertionError("no test for this case");
        }
    }

    private void nobodyCounts(JsonNode in, JsonNode expected, double tolerance) throws IOException {
        List<Agent> agents = clients(in, "v");
        List<Agent> counted = new ArrayList<>();
        for (int id = 0; id < agents.size(); id++) {
            if (in.get("clients").get(id).get("n").asInt() > 0) {
                counted.add(agents.get(id));
            }
        }

        assertThat(counted).isEmpty();
        double[] previous = Vectors.doubles(in.get("previous"));
        assertMean(previous, counted, Fallback.ZERO, expected.get("v"), tolerance);
    }

    private void nanIsRejected(JsonNode in, JsonNode expected, double tolerance)
            throws IOException {
        List<Agent> sound = new ArrayList<>();
        for (int id = 0; id < in.get("clients").size(); id++) {
            Agent agent = client(id, in.get("clients").get(id), "v");
            boolean rejected = agent.fast().tensor().firstNonFinite().isPresent();
            assertThat(rejected).isEqualTo(expected.get("rejected").get(0).asInt() == id);
            if (!rejected) {
                sound.add(agent);
            }
        }
        assertMean(sound, expected.get("v"), tolerance);
    }

    private void orderDoesNotMatter(JsonNode in, JsonNode expected) throws IOException {
        List<Agent> agents = new ArrayList<>();
        for (double arrival : Vectors.doubles(in.get("arrival"))) {
            double value = in.get("v").get((int) arrival).asDouble();
            agents.add(
                    Agent.of(
                            (int) arrival,
                            new double[] {value},
                            new boolean[] {true},
                            new double[] {1}));
        }
        double[] mean = slow(noPrevious, agents, Fallback.ZERO, 1);

        assertThat(mean[0]).isEqualTo(expected.get("v").asDouble());
        assertThat(fast(noPrevious, agents, Fallback.ZERO, 1)[0]).isEqualTo((float) mean[0]);
    }

    private void kernel(JsonNode in, JsonNode expected, double tolerance) throws IOException {
        List<Agent> agents = new ArrayList<>();
        for (int id = 0; id < in.get("masks").size(); id++) {
            if (in.get("masks").get(id).isNull()) {
                continue;
            }
            double[] bits = Vectors.doubles(in.get("masks").get(id));
            boolean[] mask = new boolean[bits.length];
            for (int j = 0; j < bits.length; j++) {
                mask[j] = bits[j] != 0;
            }
            agents.add(
                    Agent.of(
                            id,
                            Vectors.doubles(in.get("values").get(id)),
                            mask,
                            Vectors.doubles(in.get("weights").get(id))));
        }
        double[] previous = Vectors.doubles(in.get("previous"));
        assertMean(
                previous, agents, Fallback.PREVIOUS, expected.get("onAllMasked=PREV"), tolerance);
        assertMean(previous, agents, Fallback.ZERO, expected.get("onAllMasked=ZERO"), tolerance);
    }

    private void assertMean(List<Agent> agents, JsonNode expected, double tolerance)
            throws IOException {
        assertMean(noPrevious, agents, Fallback.PREVIOUS, expected, tolerance);
    }

    private static void assertMean(
            double[] previous,
            List<Agent> agents,
            Fallback fallback,
            JsonNode expected,
            double tolerance)
            throws IOException {
        double[] wanted = Vectors.doubles(expected);
        double[] slow = slow(previous, agents, fallback, wanted.length);
        float[] fast = fast(previous, agents, fallback, wanted.length);
        for (int j = 0; j < wanted.length; j++) {
            assertThat(slow[j]).isCloseTo(wanted[j], within(tolerance));
            assertThat((double) fast[j]).isCloseTo((float) wanted[j], within(tolerance));
        }
    }

    private static double[] slow(
            double[] previous, List<Agent> agents, Fallback fallback, int length) {
        return ReferenceMaskedMean.combine(
                Arrays.copyOf(previous, length),
                agents.stream().map(Agent::slow).toList(),
                fallback);
    }

    private static float[] fast(
            double[] previous, List<Agent> agents, Fallback fallback, int length)
            throws IOException {
        float[] before = new float[length];
        for (int j = 0; j < length; j++) {
            before[j] = (float) previous[j];
        }
        float[] result = new float[length];
        MaskedMean.sequential()
                .combine(
                        Shape.of(length),
                        FloatReader.of(before),
                        agents.stream().map(Agent::fast).toList(),
                        fallback,
                        FloatSink.into(result));
        return result;
    }

    private static List<Agent> clients(JsonNode in, String tensor) {
        List<Agent> agents = new ArrayList<>();
        for (int id = 0; id < in.get("clients").size(); id++) {
            agents.add(client(id, in.get("clients").get(id), tensor));
        }
        return agents;
    }

    private static Agent client(int id, JsonNode client, String tensor) {
        return Agent.of(id, client.get(tensor), client.get("n").asDouble());
    }
}
