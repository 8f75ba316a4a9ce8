package dev.espalier.lm.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.train.LanguageModelEvaluator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whole decoders, pruned layer by layer, against the official SparseGPT and Wanda. */
class LayerwisePruningGoldenTest {

    static Stream<Arguments> cases() {
        return Stream.of("opt", "llama")
                .flatMap(model ->
                        Stream.of("magnitude", "wanda", "sparsegpt")
                                .flatMap(pruner ->
                                        Stream.of("unstructured50", "2to4")
                                                .map(form -> Arguments.of(model, pruner, form))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void masksWeightsAndPerplexityAreTheOfficialOnes(String model, String pruner, String form)
            throws IOException {
        Path folder = Goldens.pruning().resolve(model);
        Path calibration = folder.resolve("calib.safetensors");
        try (BaseModel base = BaseModel.load(folder)) {
            PrunedWeights pruned = new PrunedWeights();
            int length = length(calibration);

            PruningOutcome outcome =
                    new LayerwisePruning(base, settings(pruner, form), 1)
                            .prune(
                                    Calibration.windows(
                                            Goldens.ids(calibration, "calib_ids"), length),
                                    LayerwisePruning.allLayers(base),
                                    pruned,
                                    PruningProgress.Listener.none(),
                                    () -> false);

            assertThat(outcome).isInstanceOf(PruningOutcome.Finished.class);
            Path expected = folder.resolve(file(pruner, form));
            assertThat(pruned.matrices()).hasSameSizeAs(Goldens.shapes(expected).keySet());
            pruned.matrices().forEach(matrix -> compare(base, matrix, expected));
            try (BaseModel sparse = pruned.over(base)) {
                assertThat(perplexity(sparse, Goldens.ids(calibration, "eval_ids"), length))
                        .isCloseTo(
                                results(folder).path(pruner + "_" + form).path("ppl").doubleValue(),
                                Percentage.withPercentage(0.1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"opt", "llama"})
    void whatEntersTheFirstLayerIsTheOfficialOnes(String model) throws IOException {
        Path folder = Goldens.pruning().resolve(model);
        Path calibration = folder.resolve("calib.safetensors");
        try (BaseModel base = BaseModel.load(folder)) {
            int[] ids = Goldens.ids(calibration, "calib_ids");
            Calibration texts = Calibration.windows(ids, length(calibration));
            Path stats = folder.resolve("layer0_stats.safetensors");
            Compared compared = new Compared(stats, ids.length / length(calibration));

            new LayerwisePruning(base, settings("sparsegpt", "2to4"), 3, compared)
                    .prune(
                            texts,
                            new TreeSet<>(List.of(0)),
                            new PrunedWeights(),
                            PruningProgress.Listener.none(),
                            () -> false);

            assertThat(compared.names)
                    .containsExactlyInAnyOrderElementsOf(Goldens.shapes(stats).keySet());
        }
    }

    /** Sees what enters layers and holds it against a file. */
    private static final class Compared implements StatisticsSource {

        private final Path file;
        private final int sequences;
        private final List<String> names = new ArrayList<>();

        private Compared(Path file, int sequences) {
            this.file = file;
            this.sequences = sequences;
        }

        @Override
        public InputStatistics of(LinearLayer linear, NDManager manager) {
            Sparsity sparsity = Sparsity.inGroups(2, 4);
            ColumnNorms norms = new ColumnNorms(manager, linear.in(), sparsity);
            Hessian hessian =
                    new Hessian(
                            manager,
                            linear.in(),
                            Pruner.SparseGpt.defaults(),
                            sparsity,
                            CutRule.EXACT);
            return new InputStatistics() {
                @Override
                public void add(NDArray x) {
                    norms.add(x);
                    hessian.add(x);
                }

                @Override
                public MatrixPruning pruning() {
                    compare(linear.module() + ".scaler_row", scaled(norms.norms()));
                    compare(
                            linear.module() + ".H",
                            Arrays.stream(hessian.values())
                                    .flatMapToDouble(Arrays::stream)
                                    .toArray());
                    return hessian.pruning();
                }

                @Override
                public void close() {
                    norms.close();
                    hessian.close();
                }
            };
        }

        /** Theirs is the mean of squares over sequences. */
        private double[] scaled(double[] norms) {
            return Arrays.stream(norms).map(norm -> norm * norm / sequences).toArray();
        }

        private void compare(String name, double[] actual) {
            names.add(name);
            float[] expected = Goldens.floats(file, name);
            double largest = 0;
            for (float value : expected) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i])
                        .as("%s, place %d", name, i)
                        .isCloseTo(expected[i], within(1e-4 * largest));
            }
        }
    }

    private static void compare(BaseModel base, PrunedMatrix matrix, Path expected) {
        String name = matrix.tensor().name();
        float[] dense = base.weights().floats(matrix.linear().weight());
        float[] sparse = matrix.appliedTo(dense);
        boolean masks = expected.getFileName().toString().startsWith("mask_");
        byte[] gone = masks ? Goldens.bytes(expected, name) : new byte[0];
        float[] values = masks ? new float[0] : Goldens.floats(expected, name);
        for (int i = 0; i < sparse.length; i++) {
            float wanted = masks ? (gone[i] == 1 ? 0 : dense[i]) : values[i];
            assertThat(sparse[i])
                    .as("%s, place %d", name, i)
                    .isCloseTo(wanted, within(masks ? 0 : 1e-4f));
            assertThat(matrix.mask().keeps(i))
                    .as("%s, place %d", name, i)
                    .isEqualTo(masks ? gone[i] == 0 : wanted != 0);
        }
    }

    private static PruningSettings settings(String pruner, String form) {
        Pruner how =
                switch (pruner) {
                    case "magnitude" -> new Pruner.Magnitude();
                    case "wanda" -> new Pruner.Wanda();
                    default -> Pruner.SparseGpt.defaults();
                };
        Sparsity sparsity =
                form.equals("2to4") ? Sparsity.inGroups(2, 4) : Sparsity.unstructured("0.5");
        return new PruningSettings(how, sparsity, CutRule.REFERENCE);
    }

    private static String file(String pruner, String form) {
        String what = pruner.equals("sparsegpt") ? "pruned" : "mask";
        return "%s_%s_%s.safetensors".formatted(what, pruner, form);
    }

    private static double perplexity(BaseModel model, int[] ids, int length) {
        LanguageEvaluation evaluation =
                new LanguageModelEvaluator(model, 8).evaluate(LanguageExample.windows(ids, length));
        return evaluation.perplexity();
    }

    private static int length(Path calibration) {
        return (int) Goldens.shapes(calibration).get("calib_ids").dimension(1);
    }

    private static JsonNode results(Path folder) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(folder.resolve("results.json")));
    }
}
