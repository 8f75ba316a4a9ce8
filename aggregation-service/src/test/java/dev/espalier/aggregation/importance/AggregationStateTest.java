package dev.espalier.aggregation.importance;

import static dev.espalier.aggregation.TinyModel.QUERY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.Vectors;
import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.Contents;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.job.ImportanceSpec.Score;
import dev.espalier.protocol.job.ImportanceSpec.Source;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class AggregationStateTest {

    private static final ImportanceSpec SMOOTHED = new ImportanceSpec(null, null, null, null);
    private static final ImportanceSpec ADALORA =
            new ImportanceSpec(Score.ADALORA, null, null, null);
    private static final ImportanceSpec MEASURED =
            new ImportanceSpec(null, Source.CLIENT_GRADIENT, null, null);
    private static final String QUERY_A = "base_model.model." + QUERY + ".lora_A.weight";

    @TempDir Path folder;

    private Path parent;
    private Path combined;

    @BeforeEach
    void adapters() throws IOException {
        parent = TinyModel.adapter(folder.resolve("parent"), 1);
        combined = TinyModel.adapter(folder.resolve("combined"), 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ema_half", "ema_085"})
    void sensitivityAndUncertaintyAreThoseOfTheVector(String name) {
        JsonNode one = Vectors.one("sensitivity.json", name);
        JsonNode in = one.get("input");
        Smoothing smoothing = new Smoothing(in.get("beta1").asDouble(), in.get("beta2").asDouble());
        double[] sensitivity = new double[3];
        double[] uncertainty = new double[3];
        for (int t = 0; t < in.get("weights").size(); t++) {
            JsonNode expected = one.at("/expected/steps/" + t);
            for (int i = 0; i < 3; i++) {
                double weight = in.at("/weights/" + t + "/" + i).asDouble();
                double gradient = in.at("/gradients/" + t + "/" + i).asDouble();
                double raw = Smoothing.proxy(weight + gradient, weight);
                sensitivity[i] = smoothing.sensitivity(sensitivity[i], raw);
                uncertainty[i] = smoothing.uncertainty(uncertainty[i], raw, sensitivity[i]);
                assertThat(raw).isCloseTo(expected.at("/raw/" + i).asDouble(), within(1e-9));
                assertThat(sensitivity[i])
                        .isCloseTo(expected.at("/smoothed/" + i).asDouble(), within(1e-9));
                assertThat(uncertainty[i])
                        .isCloseTo(expected.at("/uncertainty/" + i).asDouble(), within(1e-9));
                assertThat(sensitivity[i] * uncertainty[i])
                        .isCloseTo(expected.at("/score/" + i).asDouble(), within(1e-9));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ema_half", "ema_085"})
    void filesCarryThemFromRoundToRound(String name) throws IOException {
        JsonNode one = Vectors.one("sensitivity.json", name);
        JsonNode in = one.get("input");
        ImportanceSpec spec =
                new ImportanceSpec(
                        Score.ADALORA,
                        null,
                        in.get("beta1").asDouble(),
                        in.get("beta2").asDouble());
        Optional<Path> prior = Optional.empty();
        for (int t = 0; t < in.get("weights").size(); t++) {
            JsonNode weights = in.at("/weights/" + t);
            JsonNode gradients = in.at("/gradients/" + t);
            Path before =
                    adapter("before", i -> weights.get(i).asDouble() + gradients.get(i).asDouble());
            Path after = adapter("after", i -> weights.get(i).asDouble());
            Path state = folder.resolve("state-" + t);
            new AggregationState(
                            spec, TinyModel.layout(), List.of(brought("ada", Scope.whole(), 1)))
                    .follow(prior, before, after, state);
            prior = Optional.of(state);
            JsonNode expected = one.at("/expected/steps/" + t);
            float[] sensitivity = floats(state, QUERY_A + "#sensitivity");
            float[] uncertainty = floats(state, QUERY_A + "#uncertainty");
            for (int i = 0; i < 3; i++) {
                assertThat((double) sensitivity[i])
                        .isCloseTo(expected.at("/smoothed/" + i).asDouble(), within(1e-6));
                assertThat((double) uncertainty[i])
                        .isCloseTo(expected.at("/uncertainty/" + i).asDouble(), within(1e-6));
            }
        }
    }

    @Test
    void theProxyLeavesOutTheLearningRateOfTheVector() {
        JsonNode one = Vectors.one("sensitivity.json", "update_proxy");
        JsonNode in = one.get("input");
        for (int i = 0; i < 3; i++) {
            double proxy =
                    Smoothing.proxy(
                            in.at("/w_before/" + i).asDouble(), in.at("/w_after/" + i).asDouble());
            assertThat(proxy / in.get("eta").asDouble())
                    .isCloseTo(one.at("/expected/importance/" + i).asDouble(), within(1e-9));
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatNobodySentKeepsItsStateAndTheRestFollowsTheLaw(long seed) throws IOException {
        Random any = new Random(seed);
        Scope scope = scope(any);
        Path prior = folder.resolve("prior");
        follow(ADALORA, Optional.empty(), List.of(brought("ada", Scope.whole(), 1)), prior);
        Path state = folder.resolve("state");
        Path third = TinyModel.adapter(folder.resolve("third"), seed + 10);

        new AggregationState(ADALORA, TinyModel.layout(), List.of(brought("bob", scope, 3)))
                .follow(Optional.of(prior), combined, third, state);

        for (AdapterTensor tensor : TinyModel.layout().tensors()) {
            if (tensor.kind().isTaskHead()) {
                continue;
            }
            var part = TinyModel.layout().part(tensor, scope);
            float[] old = floats(combined, tensor.name());
            float[] now = floats(third, tensor.name());
            float[] before = floats(prior, tensor.name() + "#sensitivity");
            float[] after = floats(state, tensor.name() + "#sensitivity");
            float[] unsure = floats(prior, tensor.name() + "#uncertainty");
            float[] unsureAfter = floats(state, tensor.name() + "#uncertainty");
            int width = tensor.shape().get(1);
            for (int i = 0; i < old.length; i++) {
                boolean sent =
                        (part.rows() == null || part.rows().contains(i / width))
                                && (part.columns() == null || part.columns().contains(i % width));
                double raw = Math.abs(now[i] * ((double) old[i] - now[i]));
                float expected = (float) (0.85 * before[i] + (1 - 0.85) * raw);
                assertThat(after[i]).isEqualTo(sent ? expected : before[i]);
                float spread = (float) (0.85 * unsure[i] + (1 - 0.85) * Math.abs(raw - expected));
                assertThat(unsureAfter[i]).isEqualTo(sent ? spread : unsure[i]);
            }
        }
    }

    @Test
    void aComponentIsWorthTheMeanOfItsRowAndTheMeanOfItsColumn() throws IOException {
        for (ImportanceSpec spec : List.of(SMOOTHED, ADALORA)) {
            Path state = folder.resolve("state");
            List<ModuleComponents> told =
                    follow(
                            spec,
                            Optional.empty(),
                            List.of(brought("ada", Scope.whole(), 1)),
                            state);
            assertThat(told)
                    .hasSize(6)
                    .isSortedAccordingTo(java.util.Comparator.comparing(ModuleComponents::module));
            ModuleComponents query =
                    told.stream()
                            .filter(one -> one.module().equals(QUERY))
                            .findFirst()
                            .orElseThrow();
            for (int i = 0; i < 2; i++) {
                double expected = 0;
                for (int j = 0; j < 8; j++) {
                    expected += value(state, QUERY_A, i * 8 + j) / 8;
                    expected += value(state, QUERY_A.replace("_A", "_B"), j * 2 + i) / 8;
                }
                assertThat(query.importance().get(i))
                        .isPositive()
                        .isCloseTo(expected, within(1e-9));
            }
            assertThat(query.contributors()).containsExactly(1, 1);
            assertThat(query.age()).containsExactly(0, 0);
        }
    }

    @Test
    void agesCountRoundsSinceAnybodyTrainedAComponent() throws IOException {
        Scope second = new Scope(null, every(List.of(1)));
        Path first = folder.resolve("first");
        Path then = folder.resolve("then");
        Path last = folder.resolve("last");

        follow(SMOOTHED, Optional.empty(), List.of(brought("ada", second, 1)), first);
        List<ModuleComponents> later =
                follow(SMOOTHED, Optional.of(first), List.of(brought("ada", second, 1)), then);
        List<ModuleComponents> all =
                follow(
                        SMOOTHED,
                        Optional.of(then),
                        List.of(brought("ada", second, 1), brought("bob", Scope.whole(), 1)),
                        last);

        assertThat(later.getFirst().age()).containsExactly(2, 0);
        assertThat(later.getFirst().contributors()).containsExactly(0, 1);
        assertThat(all.getFirst().age()).containsExactly(0, 0);
        assertThat(all.getFirst().contributors()).containsExactly(1, 2);
    }

    @Test
    void whatClientsMeasureIsWeightedByTheirExamplesAndStaysWhereNobodyTrained()
            throws IOException {
        Path first = folder.resolve("first");
        List<ModuleComponents> told =
                follow(
                        MEASURED,
                        Optional.empty(),
                        List.of(
                                measured("bob", every(List.of(0, 1)), 1, List.of(1.0, 8.0)),
                                measured("ada", every(List.of(0)), 3, List.of(5.0))),
                        first);
        List<ModuleComponents> next =
                follow(
                        MEASURED,
                        Optional.of(first),
                        List.of(measured("ada", every(List.of(0)), 3, List.of(2.0))),
                        folder.resolve("next"));

        assertThat(told.getFirst().importance()).containsExactly(4.0, 8.0);
        assertThat(next.getFirst().importance()).containsExactly(2.0, 8.0);
        assertThat(next.getFirst().age()).containsExactly(0, 1);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theSameFilesGiveTheSameBytesInAnyOrderOfArrival(long seed) throws IOException {
        Random any = new Random(seed);
        List<Brought> updates =
                List.of(brought("ada", scope(any), 1), brought("bob", scope(any), 7));
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Path next = folder.resolve("next");

        List<ModuleComponents> told = follow(ADALORA, Optional.empty(), updates, one);
        assertThat(follow(ADALORA, Optional.empty(), updates.reversed(), two)).isEqualTo(told);
        assertThat(Files.readAllBytes(two)).isEqualTo(Files.readAllBytes(one));
        follow(ADALORA, Optional.of(one), updates, next);
        follow(ADALORA, Optional.of(Files.copy(one, folder.resolve("kept"))), updates, two);
        assertThat(Files.readAllBytes(two)).isEqualTo(Files.readAllBytes(next));
    }

    @Test
    void aStateOfOtherSettingsIsBegunAnew() throws IOException {
        List<Brought> updates = List.of(brought("ada", Scope.whole(), 1));
        Path prior = folder.resolve("prior");
        Path fresh = folder.resolve("fresh");
        Path after = folder.resolve("after");
        follow(SMOOTHED, Optional.empty(), updates, prior);

        follow(ADALORA, Optional.empty(), updates, fresh);
        follow(ADALORA, Optional.of(prior), updates, after);

        assertThat(Files.readAllBytes(after)).isEqualTo(Files.readAllBytes(fresh));
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of("has no", new float[0], null),
                Arguments.of("is F32 [3]", new float[3], Shape.of(3)),
                Arguments.of("the value NaN", filled(Float.NaN), Shape.of(2, 8)),
                Arguments.of("the value -1.0", filled(-1), Shape.of(2, 8)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void aStateThatDoesNotFitTheAdapterIsRefused(
            String reason, float[] values, @Nullable Shape shape) throws IOException {
        List<Brought> updates = List.of(brought("ada", Scope.whole(), 1));
        Path good = folder.resolve("good");
        Path prior = folder.resolve("prior");
        follow(SMOOTHED, Optional.empty(), updates, good);
        try (SafetensorsFile file = SafetensorsFile.open(good)) {
            SafetensorsWriter writer = new SafetensorsWriter().metadata(file.metadata());
            for (String name : file.names()) {
                var info = file.info(name);
                if (!name.equals(QUERY_A + "#sensitivity")) {
                    writer.raw(name, info.dtype(), info.shape(), file.bytes(name));
                } else if (shape != null) {
                    writer.floats(name, shape, values);
                }
            }
            writer.write(prior);
        }

        assertThatThrownBy(() -> follow(SMOOTHED, Optional.of(prior), updates, folder.resolve("s")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("does not fit the adapter")
                .hasMessageContaining(reason);
    }

    private static float[] filled(float value) {
        float[] values = new float[16];
        java.util.Arrays.fill(values, value);
        return values;
    }

    private List<ModuleComponents> follow(
            ImportanceSpec spec, Optional<Path> prior, List<Brought> updates, Path result)
            throws IOException {
        return new AggregationState(spec, TinyModel.layout(), updates)
                .follow(prior, parent, combined, result);
    }

    /** Every tensor begins with the three values of a vector; the rest is zero. */
    private Path adapter(String name, IntFunction<Double> value) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (AdapterTensor tensor : TinyModel.layout().tensors()) {
            float[] values = new float[(int) tensor.elements()];
            for (int i = 0; i < Math.min(3, values.length); i++) {
                values[i] = value.apply(i).floatValue();
            }
            writer.floats(tensor.name(), TinyModel.shape(tensor), values);
        }
        Path file = folder.resolve(name);
        writer.write(file);
        return file;
    }

    private Brought brought(String agent, Scope scope, long examples) {
        return new Brought(
                new AgentName(agent),
                examples,
                null,
                new Contents(scope, null, null),
                folder.resolve(agent));
    }

    private Brought measured(
            String agent,
            Map<String, List<Integer>> components,
            long examples,
            List<Double> importance) {
        Map<String, List<Double>> said = new TreeMap<>();
        components.keySet().forEach(module -> said.put(module, importance));
        return new Brought(
                new AgentName(agent),
                examples,
                null,
                new Contents(new Scope(null, components), null, said),
                folder.resolve(agent));
    }

    private static Scope scope(Random any) {
        Map<String, List<Integer>> heads =
                TinyModel.heads(List.of(any.nextInt(2)), any.nextBoolean() ? List.of() : List.of(1))
                        .heads();
        return new Scope(any.nextBoolean() ? heads : null, every(List.of(any.nextInt(2))));
    }

    private static Map<String, List<Integer>> every(List<Integer> components) {
        Map<String, List<Integer>> every = new TreeMap<>();
        TinyModel.layout().tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .forEach(tensor -> every.put(tensor.module(), components));
        return every;
    }

    private static double value(Path state, String factor, int at) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(state)) {
            double sensitivity = file.floats(factor + "#sensitivity")[at];
            boolean unsure = file.contains(factor + "#uncertainty");
            return unsure ? sensitivity * file.floats(factor + "#uncertainty")[at] : sensitivity;
        }
    }

    private static float[] floats(Path path, String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return file.floats(name);
        }
    }
}
