package dev.espalier.lm.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.compute.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map.Entry;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One linear layer, two of whose inputs are dead, against the official SparseGPT and Wanda. */
class PruningUnitGoldenTest {

    private static final Sparsity HALF = Sparsity.unstructured("0.5");

    private Path file;
    private WeightMatrix w;

    @BeforeEach
    void read() {
        Path folder = Goldens.pruning();
        file = folder.resolve("unit.safetensors");
        var shape = Goldens.shapes(file).get("W");
        w =
                new WeightMatrix(
                        (int) shape.dimension(0),
                        (int) shape.dimension(1),
                        Goldens.floats(file, "W"));
    }

    /** Names as in {@code unit.json}. */
    static Stream<String> sparseGpt() throws IOException {
        return settings()
                .propertyStream()
                .filter(entry -> entry.getValue().has("params"))
                .map(Entry::getKey);
    }

    @ParameterizedTest
    @MethodSource("sparseGpt")
    void sparseGptGivesTheOfficialWeights(String name) throws IOException {
        JsonNode params = settings().path(name).path("params");
        Sparsity sparsity =
                params.has("prunen")
                        ? Sparsity.inGroups(
                                params.path("prunen").intValue(), params.path("prunem").intValue())
                        : Sparsity.unstructured(params.path("sparsity").decimalValue());
        Pruner.SparseGpt own =
                new Pruner.SparseGpt(
                        params.path("percdamp").doubleValue(), params.path("blocksize").intValue());

        MatrixPruning.Result result = statistics(own, sparsity).prune(w);

        float[] expected = Goldens.floats(file, "sparsegpt." + name);
        for (int i = 0; i < expected.length; i++) {
            assertThat(result.changed().values()[i]).isCloseTo(expected[i], within(1e-4f));
            assertThat(result.dropped().get(i)).as("place %d", i).isEqualTo(expected[i] == 0);
        }
    }

    @Test
    void theFactorIsTheOfficialOne() throws IOException {
        DampedHessian.Factor factor;
        try (var manager = Compute.newManager();
                var hessian = hessian(manager, Pruner.SparseGpt.defaults(), HALF)) {
            double[][] h = hessian.values();
            assertRelative(h, Goldens.floats(file, "H"), 1e-4);
            factor = DampedHessian.of(h, 0.01).factored();
        }
        float[] expected = Goldens.floats(file, "Hinv_cholesky_upper");
        int n = w.columns();
        for (int i = 0; i < n * n; i++) {
            assertThat(factor.row(i / n)[i % n]).isCloseTo(expected[i], within(1e-4));
        }
        assertThat(IntStream.range(0, n).filter(factor::isDead).count()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"unstructured50", "nm2to4"})
    void wandaDropsTheOfficialWeights(String name) {
        Sparsity sparsity = name.startsWith("nm") ? Sparsity.inGroups(2, 4) : HALF;
        MatrixPruning pruning;
        try (var manager = Compute.newManager();
                var norms = new ColumnNorms(manager, w.columns(), sparsity)) {
            norms.add(inputs(manager));
            pruning = norms.pruning();
        }
        expectDropped(pruning.prune(w), "wanda." + name);
    }

    @Test
    void magnitudeDropsTheOfficialWeights() {
        expectDropped(
                new MagnitudePruning(HALF, CutRule.REFERENCE).prune(w), "magnitude.unstructured50");
    }

    private void expectDropped(MatrixPruning.Result result, String name) {
        float[] expected = Goldens.floats(file, name);
        for (int i = 0; i < expected.length; i++) {
            float value = result.dropped().get(i) ? 0 : w.values()[i];
            assertThat(value).as("%s, place %d", name, i).isEqualTo(expected[i]);
        }
    }

    private MatrixPruning statistics(Pruner.SparseGpt own, Sparsity sparsity) {
        try (var manager = Compute.newManager();
                var hessian = hessian(manager, own, sparsity)) {
            return hessian.pruning();
        }
    }

    private Hessian hessian(NDManager manager, Pruner.SparseGpt own, Sparsity sparsity) {
        Hessian hessian = new Hessian(manager, w.columns(), own, sparsity, CutRule.REFERENCE);
        hessian.add(inputs(manager));
        return hessian;
    }

    private NDArray inputs(NDManager manager) {
        Shape shape = new Shape(Goldens.shapes(file).get("X").toArray());
        return manager.create(Goldens.floats(file, "X"), shape);
    }

    private static void assertRelative(double[][] actual, float[] expected, double tolerance) {
        int n = actual.length;
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < n * n; i++) {
            assertThat(actual[i / n][i % n]).isCloseTo(expected[i], within(tolerance * largest));
        }
    }

    private static JsonNode settings() throws IOException {
        Path file = Goldens.pruning().resolve("unit.json");
        return JsonMapper.shared().readTree(Files.readString(file));
    }
}
