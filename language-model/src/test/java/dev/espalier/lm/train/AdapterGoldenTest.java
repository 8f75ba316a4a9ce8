package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.MergedModel;
import dev.espalier.lm.compute.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models with LoRA adapters against PEFT: forward, gradients, optimiser steps, merging. */
class AdapterGoldenTest {

    private static final Offset<Float> STEPPED = within(1e-4f);

    static Stream<String> adapters() {
        return Goldens.adapters();
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void logitsAndLossAreThoseOfPeft(String adapter) throws IOException {
        try (GoldenModel model = model(adapter);
                LiveAdapter live = live(model, adapter)) {
            model.compareLogits(model.logits(live, null), golden(adapter, "logits"));
            assertThat(model.loss(live)).isCloseTo(golden(adapter, "loss")[0], within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void gradientsAreThoseOfPeft(String adapter) throws IOException {
        try (GoldenModel model = model(adapter);
                LiveAdapter live = live(model, adapter)) {
            AdapterWeights gradients = model.gradients(live);

            assertThat(gradients.names()).isNotEmpty();
            for (String tensor : gradients.names()) {
                float[] expected = golden(adapter, "grad." + tensor);
                float[] actual = gradients.values(tensor);
                for (int i = 0; i < expected.length; i++) {
                    float tolerance = Math.max(1e-5f, 1e-4f * Math.abs(expected[i]));
                    assertThat(actual[i]).as(tensor).isCloseTo(expected[i], within(tolerance));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void adamWStepsAreThoseOfPytorch(String adapter) throws IOException {
        PeftFolder peft = peft(adapter);
        try (GoldenModel model = model(adapter);
                TrainingRun run =
                        model.begin(
                                peft.settings(), fourSteps(model.batch().length), peft.weights())) {
            float[] losses = golden(adapter, "losses");
            for (int step = 0; step < losses.length; step++) {
                assertThat(run.step().loss()).isCloseTo(losses[step], within(1e-5));
                String first = run.weights().names().first();
                if (Goldens.has(file(adapter), "step%d.%s".formatted(step + 1, first))) {
                    compare(adapter, "step%d.".formatted(step + 1), run.weights());
                }
            }
        }
    }

    /** The whole batch in each, as the goldens were made. */
    static TrainingSettings fourSteps(int batch) {
        return new TrainingSettings(
                4,
                batch,
                1,
                1e-2,
                LearningRateSchedule.CONSTANT,
                0.01,
                0,
                Double.POSITIVE_INFINITY,
                4,
                false,
                1);
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void plainDescentAndTheMergedModelAreThoseOfPeft(String adapter, @TempDir Path merged)
            throws IOException {
        AdapterSettings settings = peft(adapter).settings();
        AdapterWeights weights = peft(adapter).weights();
        float[] losses = golden(adapter, "sgd_losses");
        try (GoldenModel model = model(adapter)) {
            for (int step = 0; step < 3; step++) {
                try (LiveAdapter live = model.base().adapt(settings, weights)) {
                    assertThat(model.loss(live)).isCloseTo(losses[step], within(1e-5));
                    weights = descended(weights, model.gradients(live), 0.1f);
                }
            }
            if (Goldens.has(file(adapter), "sgd3." + weights.names().first())) {
                compare(adapter, "sgd3.", weights);
            }
            MergedModel.write(model.base(), settings, weights, merged);
        }
        Path inputs = family(adapter).resolve("inputs.safetensors");
        try (GoldenModel plain = GoldenModel.load(merged, inputs, Precision.SINGLE);
                LiveAdapter nothing = plain.base().unadapted()) {
            assertThat(plain.loss(nothing)).isCloseTo(losses[3], within(1e-5));
            plain.compareLogits(plain.logits(nothing, null), golden(adapter, "sgd3_merged_logits"));
        }
    }

    static AdapterWeights descended(AdapterWeights from, AdapterWeights gradients, float rate) {
        AdapterWeights.Builder to = AdapterWeights.builder();
        for (String name : from.names()) {
            float[] values = from.values(name);
            float[] gradient = gradients.values(name);
            for (int i = 0; i < values.length; i++) {
                values[i] -= rate * gradient[i];
            }
            to.put(name, from.shape(name), values);
        }
        return to.build();
    }

    private static void compare(String adapter, String prefix, AdapterWeights actual) {
        for (String tensor : actual.names()) {
            assertThat(actual.values(tensor))
                    .as(prefix + tensor)
                    .containsExactly(golden(adapter, prefix + tensor), STEPPED);
        }
    }

    private static GoldenModel model(String adapter) throws IOException {
        return GoldenModel.load(family(adapter));
    }

    private static LiveAdapter live(GoldenModel model, String adapter) throws IOException {
        PeftFolder peft = peft(adapter);
        return model.base().adapt(peft.settings(), peft.weights());
    }

    private static PeftFolder peft(String adapter) throws IOException {
        return PeftFolder.read(Goldens.family(adapter));
    }

    private static Path family(String adapter) {
        return Goldens.family(adapter).getParent();
    }

    private static Path file(String adapter) {
        return Goldens.family(adapter).resolve("golden.safetensors");
    }

    private static float[] golden(String adapter, String tensor) {
        return Goldens.floats(file(adapter), tensor);
    }
}
