package dev.espalier.aggregation.combine;

import static dev.espalier.aggregation.TinyModel.QUERY;
import static dev.espalier.aggregation.TinyModel.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.combine.ClientProducts.Absent;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** From update files to an adapter file, on modules [8, 8] of rank 2. */
class RankOptimalCombinerTest {

    private static final double SCALE = 2;
    private static final int WIDTH = 8;
    private static final int RANK = 2;
    private static final String QUERY_A = name(QUERY, "A");
    private static final String QUERY_B = name(QUERY, "B");
    private static final String HEAD = "base_model.model.classifier.weight";

    @TempDir Path folder;

    private Path parent;

    @BeforeEach
    void parent() throws IOException {
        parent = TinyModel.adapter(folder.resolve("parent.safetensors"), 1);
    }

    static LongStream seeds() {
        return LongStream.range(0, 25);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatComesOutIsTheNearestToTheMeanOfTheClientsProducts(long seed) throws IOException {
        Random any = new Random(seed);
        Absent absent = any.nextBoolean() ? Absent.PARENT : Absent.NOTHING;
        List<Brought> clients = clients(any);

        Told told = combine(absent, clients);

        for (String module : modules()) {
            double[] mean = meanByHand(absent, clients, module);
            double error = told.of(module).truncationError();
            assertThat(norm(minus(mean, product(told.tensors(), module))) / norm(mean))
                    .as("%s of %s, told by its error", module, absent)
                    .isCloseTo(error, within(1e-6));
            double kept = 0;
            for (double importance : told.of(module).importance()) {
                kept += importance * importance;
            }
            assertThat(Math.sqrt(kept))
                    .as("singular values of what is added to the base")
                    .isCloseTo(
                            SCALE * norm(mean) * Math.sqrt(1 - error * error),
                            within(1e-5 * SCALE * norm(mean)));
        }
    }

    @Test
    void oneClientAloneIsReproduced() throws IOException {
        Brought ada = brought("ada", Scope.whole(), 30, 2);

        Told told = combine(Absent.PARENT, List.of(ada));

        for (String module : modules()) {
            double[] sent = product(floats(ada.file()), module);
            assertThat(norm(minus(sent, product(told.tensors(), module))))
                    .isLessThan(1e-6 * norm(sent));
            assertThat(told.of(module).truncationError()).isZero();
        }
        assertThat(told.tensors().get(HEAD)).isEqualTo(floats(ada.file()).get(HEAD));
    }

    @Test
    void whereAllAgreeItIsFederatedAveraging() throws IOException {
        List<Brought> clients = new ArrayList<>();
        for (int k = 0; k < 4; k++) {
            clients.add(brought("agent-" + k, Scope.whole(), 10 + k, 5));
        }
        Path averaged = folder.resolve("averaged");
        new RoundCombiner(MaskedMean.sequential())
                .combine(
                        TinyModel.layout(),
                        parent,
                        clients,
                        AggregationRule.of(new AggregationSpec.FedAvg(null), TinyModel.layout()),
                        averaged);

        Told told = combine(Absent.PARENT, clients);

        for (String module : modules()) {
            double[] mean = product(floats(averaged), module);
            assertThat(norm(minus(mean, product(told.tensors(), module))))
                    .isLessThan(1e-6 * norm(mean));
        }
        assertThat(told.tensors().get(HEAD)).isEqualTo(floats(averaged).get(HEAD));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neitherArrivalNorThreadsNorRepetitionChangeAByte(long seed) throws IOException {
        Random any = new Random(seed);
        List<Brought> clients = clients(any);
        byte[] expected = bytes(clients, MaskedMean.sequential());
        Collections.shuffle(clients, any);

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            assertThat(bytes(clients, new MaskedMean(threads, 3))).isEqualTo(expected);
        }
    }

    @Test
    void componentsThatAreNotNeededBeginAfresh() throws IOException {
        Brought ada = brought("ada", only(List.of(1)), 30, 2);

        Told told = combine(Absent.NOTHING, List.of(ada));

        float[] a = told.tensors().get(QUERY_A);
        float[] b = told.tensors().get(QUERY_B);
        AdapterTensor tensor = TinyModel.layout().tensor(QUERY_A).orElseThrow();
        assertThat(Arrays.copyOfRange(a, WIDTH, 2 * WIDTH))
                .as("drawn, so that it can be trained")
                .isEqualTo(Arrays.copyOfRange(drawn(tensor), WIDTH, 2 * WIDTH));
        for (int o = 0; o < WIDTH; o++) {
            assertThat(b[o * RANK + 1]).as("and zero, so that it changes nothing").isZero();
        }
        assertThat(told.of(QUERY).importance().getLast()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Absent.class)
    void aModuleOfWhichNobodySentAnythingStaysAsItWas(Absent absent) throws IOException {
        Brought ada = brought("ada", only(List.of()), 30, 2);

        Told told = combine(absent, List.of(ada));

        double[] before = product(floats(parent), QUERY);
        assertThat(norm(minus(before, product(told.tensors(), QUERY))))
                .isLessThan(1e-6 * norm(before));
        assertThat(told.of(QUERY).contributors()).containsExactly(0, 0);
    }

    @Test
    void whoHasNoExamplesCountsForNothing() throws IOException {
        Brought ada = brought("ada", Scope.whole(), 30, 2);
        Brought bob =
                new Brought(
                        new AgentName("bob"), 0, null, brought("bob", Scope.whole(), 1, 3).file());

        assertThat(bytes(List.of(ada, bob), MaskedMean.sequential()))
                .isEqualTo(bytes(List.of(ada), MaskedMean.sequential()));
    }

    @Test
    void theComponentsAreToldByModule() throws IOException {
        Brought ada = brought("ada", Scope.whole(), 30, 2);
        Brought bob = brought("bob", only(List.of()), 10, 3);

        Told told = combine(Absent.PARENT, List.of(ada, bob));

        assertThat(told.components()).extracting(ModuleComponents::module).isEqualTo(modules());
        ModuleComponents query = told.of(QUERY);
        assertThat(query.contributors()).containsExactly(1, 1);
        assertThat(query.age()).containsExactly(0, 0);
        assertThat(query.importance()).hasSize(2).isSortedAccordingTo(Collections.reverseOrder());
        assertThat(query.truncationError()).isBetween(0.0, 1.0);
    }

    @Test
    void updatesWithoutSomeHeadsAreRefused() throws IOException {
        Brought ada = brought("ada", TinyModel.heads(List.of(1), List.of(0)), 30, 2);

        assertThatThrownBy(() -> combine(Absent.PARENT, List.of(ada)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("components");
    }

    /** What was written, and what was told of it. */
    private record Told(Map<String, float[]> tensors, List<ModuleComponents> components) {

        ModuleComponents of(String module) {
            return components.stream()
                    .filter(one -> one.module().equals(module))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Told combine(Absent absent, List<Brought> clients) throws IOException {
        return combine(absent, clients, MaskedMean.sequential());
    }

    private Told combine(Absent absent, List<Brought> clients, MaskedMean mean) throws IOException {
        Path result = folder.resolve("result");
        try (ClientProducts products =
                ClientProducts.open(TinyModel.layout(), absent, parent, clients)) {
            List<ModuleComponents> components =
                    new RankOptimalCombiner(new RoundCombiner(mean))
                            .combine(products, SCALE, RankOptimalCombinerTest::drawn, result);
            return new Told(floats(result), components);
        }
    }

    private byte[] bytes(List<Brought> clients, MaskedMean mean) throws IOException {
        combine(Absent.PARENT, clients, mean);
        return Files.readAllBytes(folder.resolve("result"));
    }

    private static float[] drawn(AdapterTensor tensor) {
        float[] values = new float[(int) tensor.elements()];
        Arrays.fill(values, 0.125f);
        return values;
    }

    /** Up to five clients with some components of every module. */
    private List<Brought> clients(Random any) throws IOException {
        List<List<Integer>> choices = List.of(List.of(0), List.of(1), List.of(0, 1), List.of());
        List<Brought> clients = new ArrayList<>();
        for (int k = 0; k < 1 + any.nextInt(5); k++) {
            Map<String, List<Integer>> components = new TreeMap<>();
            for (String module : modules()) {
                components.put(module, choices.get(any.nextInt(choices.size())));
            }
            Scope scope = new Scope(null, components);
            clients.add(brought("agent-" + k, scope, 1 + any.nextInt(1000), any.nextLong()));
        }
        return clients;
    }

    private static Scope only(List<Integer> components) {
        return new Scope(null, Map.of(QUERY, components));
    }

    private Brought brought(String agent, Scope scope, long examples, long seed)
            throws IOException {
        AgentName name = new AgentName(agent);
        Path file = folder.resolve(agent + ".safetensors");
        TinyModel.update(file, parent, manifest(name, scope, examples), seed);
        return new Brought(name, examples, null, file);
    }

    /** The weighted mean of dense products, each of the adapter that its client trained. */
    private double[] meanByHand(Absent absent, List<Brought> clients, String module)
            throws IOException {
        double[] mean = new double[WIDTH * WIDTH];
        double all = clients.stream().mapToLong(Brought::examples).sum();
        boolean anybody = false;
        for (Brought client : clients) {
            anybody |= floats(client.file()).containsKey(name(module, "A"));
        }
        for (Brought client : clients) {
            Map<String, float[]> adapter =
                    absent == Absent.PARENT || !anybody
                            ? floats(parent)
                            : Map.of(
                                    name(module, "A"), new float[RANK * WIDTH],
                                    name(module, "B"), new float[WIDTH * RANK]);
            overlay(client.file(), module, adapter);
            double[] product = product(adapter, module);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += client.examples() / all * product[i];
            }
        }
        return mean;
    }

    private static void overlay(Path update, String module, Map<String, float[]> adapter)
            throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(update)) {
            String nameOfA = name(module, "A");
            String nameOfB = name(module, "B");
            if (!file.contains(nameOfA)) {
                return;
            }
            long[] components =
                    file.contains(nameOfA + "#rows")
                            ? file.longs(nameOfA + "#rows")
                            : new long[] {0, 1};
            float[] a = file.floats(nameOfA);
            float[] b = file.floats(nameOfB);
            for (int c = 0; c < components.length; c++) {
                int component = (int) components[c];
                for (int i = 0; i < WIDTH; i++) {
                    adapter.get(nameOfA)[component * WIDTH + i] = a[c * WIDTH + i];
                    adapter.get(nameOfB)[i * RANK + component] = b[i * components.length + c];
                }
            }
        }
    }

    private static List<String> modules() {
        return TinyModel.layout().tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .map(AdapterTensor::module)
                .toList();
    }

    private static String name(String module, String factor) {
        return AdapterLayout.PREFIX + module + ".lora_" + factor + ".weight";
    }

    private static double[] product(Map<String, float[]> adapter, String module) {
        float[] a = adapter.get(name(module, "A"));
        float[] b = adapter.get(name(module, "B"));
        double[] product = new double[WIDTH * WIDTH];
        for (int o = 0; o < WIDTH; o++) {
            for (int i = 0; i < WIDTH; i++) {
                for (int c = 0; c < RANK; c++) {
                    product[o * WIDTH + i] += (double) b[o * RANK + c] * a[c * WIDTH + i];
                }
            }
        }
        return product;
    }

    private static double[] minus(double[] one, double[] other) {
        double[] difference = new double[one.length];
        for (int i = 0; i < one.length; i++) {
            difference[i] = one[i] - other[i];
        }
        return difference;
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(value -> value * value).sum());
    }

    private static Map<String, float[]> floats(Path file) throws IOException {
        Map<String, float[]> tensors = new TreeMap<>();
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            for (String name : opened.names()) {
                if (opened.info(name).dtype().isFloating()) {
                    tensors.put(name, opened.floats(name));
                }
            }
        }
        return tensors;
    }
}
