package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.sensitivity.ComponentScore;
import dev.espalier.lm.sensitivity.ElementScore;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * AdaLoRA over the frozen models, against loralib: gradients, AdamW steps, importances, the budget
 * of ranks and which triplets it kills. The layer and the budget are the test's own; layers,
 * optimiser and importances are those of the product.
 */
class AdaLoraGoldenTest {

    private static final float EXACT = 1e-4f;

    static Stream<String> families() {
        return Goldens.families().filter(family -> Files.exists(file(family)));
    }

    @ParameterizedTest
    @MethodSource("families")
    void theFirstGradientIsThatOfLoralib(String family) throws IOException {
        try (Run run = new Run(family)) {
            run.backward();

            AdapterWeights gradients = run.tensors.gradients();
            assertThat(gradients.names()).isNotEmpty();
            for (String name : gradients.names()) {
                float[] expected = golden(family, "grad1." + name);
                float[] actual = gradients.values(name);
                for (int i = 0; i < expected.length; i++) {
                    float tolerance = Math.max(1e-5f, 1e-4f * Math.abs(expected[i]));
                    assertThat(actual[i]).as(name).isCloseTo(expected[i], within(tolerance));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyStepLossAndMaskIsThatOfLoralib(String family) throws IOException {
        float[] losses = golden(family, "losses");
        float[] orthogonality = golden(family, "orth_regu");
        float[] thresholds = golden(family, "mask_threshold");
        long[] budgets = Goldens.longs(file(family), "curr_rank");
        try (Run run = new Run(family)) {
            for (int step = 1; step <= losses.length; step++) {
                run.step(step);

                assertThat(run.loss).isCloseTo(losses[step - 1], within(1e-5));
                assertThat(run.orthogonality).isCloseTo(orthogonality[step - 1], within(1e-4));
                assertThat(run.allocator.budget(step)).isEqualTo((int) budgets[step - 1]);
                compareThreshold(run.threshold, thresholds[step - 1], run.largestImportance());
                run.compareImportances(step);
                run.compareAllOf("step%d.".formatted(step));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void whatIsLeftIsThatOfLoralib(String family) throws IOException {
        try (Run run = new Run(family)) {
            int steps = golden(family, "losses").length;
            for (int step = 1; step <= steps; step++) {
                run.step(step);
            }

            for (String name : run.sensitivity.shapes().keySet()) {
                compare(family, "final.exp_avg_ipt." + name, run.sensitivity.smoothed(name));
                compare(family, "final.exp_avg_unc." + name, run.sensitivity.uncertainty(name));
            }
            JsonNode living = info(family).path("nonzero_E");
            assertThat(living.size()).isEqualTo(run.modules.size());
            for (String module : run.modules) {
                float[] values = run.tensors.values().values(module + ".lora_E");
                int alive = 0;
                for (float value : values) {
                    alive += value != 0 ? 1 : 0;
                }
                assertThat(alive).isEqualTo(living.path(module + ".lora_E").intValue());
            }
        }
    }

    /** One run of loralib's training loop on the whole batch. */
    private static final class Run implements AutoCloseable {

        private final String family;
        private final GoldenModel model;
        private final SvdAdapter adapter;
        private final double penalty;
        private final AdamW optimiser = new AdamW(0.01);
        private final Sensitivity sensitivity;
        private final RankAllocator allocator;
        private final List<String> modules;

        private TrainedTensors tensors;
        private double loss;
        private double orthogonality;
        private OptionalDouble threshold = OptionalDouble.empty();

        Run(String family) throws IOException {
            this.family = family;
            JsonNode info = info(family);
            AdapterWeights start = start(family);
            model = GoldenModel.load(Goldens.family(family));
            adapter = new SvdAdapter(model.base(), info.path("lora_alpha").doubleValue(), start);
            penalty = info.path("orth_reg_weight").doubleValue();
            tensors = new TrainedTensors(adapter.parameters(), start);
            Smoothing smoothing =
                    new Smoothing(
                            info.path("beta1").doubleValue(), info.path("beta2").doubleValue());
            sensitivity = Sensitivity.start(start.shapes(), smoothing);
            modules =
                    start.names().stream()
                            .filter(name -> name.endsWith(".lora_E"))
                            .map(name -> name.substring(0, name.length() - ".lora_E".length()))
                            .toList();
            allocator =
                    new RankAllocator(
                            info.path("lora_r").intValue() * modules.size(),
                            info.path("target_rank").intValue() * modules.size(),
                            info.path("init_warmup").intValue(),
                            info.path("final_warmup").intValue(),
                            info.path("mask_interval").intValue(),
                            info.path("total_step").intValue());
        }

        void backward() {
            try (Gradients _ = Gradients.recorded();
                    Workspace workspace = new Workspace(model.base().weights().manager())) {
                NDArray task = model.loss(adapter.linears(workspace), workspace);
                NDArray off = adapter.orthogonality(workspace);
                Gradients.backward(task, 1);
                Gradients.backward(off, penalty);
                loss = NativeValues.number(task);
                orthogonality = penalty * NativeValues.number(off);
            }
            tensors.takeGradients();
        }

        /** Backward, AdamW, importances, mask: the order of loralib's loop. */
        void step(int step) {
            backward();
            tensors.step(optimiser, step, 1e-2);
            if (allocator.learns(step)) {
                sensitivity.update(tensors.values(), tensors.gradients());
            }
            threshold = allocator.threshold(step, importances().toArray());
            threshold.ifPresent(this::mask);
        }

        private double[] importance(String module) {
            return sensitivity.triplets(
                    module + ".lora_A",
                    module + ".lora_E",
                    module + ".lora_B",
                    ElementScore.ADALORA,
                    ComponentScore.MEAN_PLUS_MEAN);
        }

        /** Moments stay: a triplet that died can grow back. */
        private void mask(double limit) {
            SortedMap<String, float[]> values = new TreeMap<>();
            AdapterWeights before = tensors.values();
            before.names().forEach(name -> values.put(name, before.values(name)));
            for (String module : modules) {
                double[] importance = importance(module);
                for (int i = 0; i < importance.length; i++) {
                    if (importance[i] <= limit) {
                        values.get(module + ".lora_E")[i] = 0;
                    }
                }
            }
            AdapterWeights.Builder masked = AdapterWeights.builder();
            values.forEach((name, array) -> masked.put(name, before.shape(name), array));
            replace(masked.build());
        }

        private void replace(AdapterWeights values) {
            adapter.write(values);
            TrainedTensors next = new TrainedTensors(adapter.parameters(), values);
            next.restoreMoments(tensors.first(), tensors.second());
            tensors = next;
        }

        double largestImportance() {
            return importances().max().orElseThrow();
        }

        private DoubleStream importances() {
            return modules.stream().flatMapToDouble(module -> Arrays.stream(importance(module)));
        }

        void compareImportances(int step) {
            for (String module : modules) {
                compare(
                        family,
                        "step%d.importance.%s.lora".formatted(step, module),
                        importance(module));
            }
        }

        /** Every tensor of that step that the goldens have: E always, A and B after the last. */
        void compareAllOf(String step) {
            for (String name : tensors.values().names()) {
                if (Goldens.has(file(family), step + name)) {
                    float[] actual = tensors.values().values(name);
                    float[] expected = golden(family, step + name);
                    assertThat(actual).as(step + name).containsExactly(expected, within(EXACT));
                    if (name.endsWith(".lora_E")) {
                        requireSameZeros(step + name, actual, expected);
                    }
                }
            }
        }

        private static void requireSameZeros(String name, float[] actual, float[] expected) {
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i] == 0).as(name).isEqualTo(expected[i] == 0);
            }
        }

        @Override
        public void close() {
            adapter.close();
            model.close();
        }
    }

    private static AdapterWeights start(String family) {
        AdapterWeights.Builder start = AdapterWeights.builder();
        SortedMap<String, Shape> shapes = Goldens.shapes(file(family));
        shapes.forEach((name, shape) -> {
            if (name.startsWith("init.")) {
                start.put(name.substring("init.".length()), shape, golden(family, name));
            }
        });
        return start.build();
    }

    /** NaN in the goldens where no triplet was looked at; else one of the importances. */
    private static void compareThreshold(
            OptionalDouble actual, float expected, double largestImportance) {
        assertThat(actual.isEmpty()).isEqualTo(Float.isNaN(expected));
        double tolerance = Math.max(1e-4 * expected, 5e-6 * largestImportance);
        actual.ifPresent(limit -> assertThat(limit).isCloseTo(expected, within(tolerance)));
    }

    /** As sensitivities are compared elsewhere: 1e-4 of the value, or the noise of the tensor. */
    private static void compare(String family, String tensor, double[] actual) {
        SensitivityGoldenTest.close(file(family), tensor, actual);
    }

    private static JsonNode info(String family) throws IOException {
        Path file = Goldens.family(family).resolve("adalora").resolve("info.json");
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    private static float[] golden(String family, String tensor) {
        return Goldens.floats(file(family), tensor);
    }

    private static Path file(String family) {
        return Goldens.family(family).resolve("adalora").resolve("golden.safetensors");
    }
}
