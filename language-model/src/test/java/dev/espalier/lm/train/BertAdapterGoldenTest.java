package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.base.MergedModel;
import dev.espalier.lm.tokens.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BERT with LoRA adapters against PEFT: forward, gradients, optimiser steps, merging. */
class BertAdapterGoldenTest {

    private static final Offset<Float> STEPPED = within(1e-4f);

    private final Path family = Goldens.family("bert");

    @ParameterizedTest
    @ValueSource(strings = {"lora_qv", "lora_all", "lora_qv_cls"})
    void logitsAndLossAreThoseOfPeft(String name) throws IOException {
        PeftFolder peft = PeftFolder.read(family.resolve(name));
        try (BaseModel base = BaseModel.load(family);
                LiveAdapter live = base.adapt(peft.settings(), peft.weights())) {
            Classifier.Scores scores = new Classifier(base, live).scores(examples(), null);

            assertThat(scores.logits).containsExactly(golden(name, "logits"), within(1e-4f));
            assertThat(BertGoldenTest.mean(scores.losses))
                    .isCloseTo(golden(name, "loss")[0], within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_qv", "lora_all", "lora_qv_cls"})
    void gradientsAreThoseOfPeft(String name) throws IOException {
        PeftFolder peft = PeftFolder.read(family.resolve(name));
        try (BaseModel base = BaseModel.load(family);
                LiveAdapter live = base.adapt(peft.settings(), peft.weights())) {
            AdapterWeights gradients = gradients(new Classifier(base, live), live, peft.weights());

            for (String tensor : gradients.names()) {
                float[] expected = golden(name, "grad." + tensor);
                float[] actual = gradients.values(tensor);
                for (int i = 0; i < expected.length; i++) {
                    float tolerance = Math.max(1e-5f, 1e-4f * Math.abs(expected[i]));
                    assertThat(actual[i]).as(tensor).isCloseTo(expected[i], within(tolerance));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_qv", "lora_all", "lora_qv_cls"})
    void adamWStepsAreThoseOfPytorch(String name) throws IOException {
        PeftFolder peft = PeftFolder.read(family.resolve(name));
        TrainingSettings settings =
                new TrainingSettings(
                        4,
                        examples().size(),
                        1,
                        1e-2,
                        LearningRateSchedule.CONSTANT,
                        0.01,
                        0,
                        Double.POSITIVE_INFINITY,
                        4,
                        false,
                        1);
        try (BaseModel base = BaseModel.load(family);
                TrainingRun run =
                        new ClassificationTrainer(base, peft.settings(), settings)
                                .begin(peft.weights(), examples())) {
            float[] losses = golden(name, "losses");
            for (int step = 0; step < losses.length; step++) {
                assertThat(run.step().loss()).isCloseTo(losses[step], within(1e-5));
                if (Goldens.has(file(name), "step%d.%s".formatted(step + 1, first(run)))) {
                    compare(name, "step%d.".formatted(step + 1), run.weights());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_qv", "lora_all", "lora_qv_cls"})
    void plainDescentAndTheMergedModelAreThoseOfPeft(String name, @TempDir Path merged)
            throws IOException {
        PeftFolder peft = PeftFolder.read(family.resolve(name));
        float[] losses = golden(name, "sgd_losses");
        try (BaseModel base = BaseModel.load(family)) {
            AdapterWeights weights = peft.weights();
            for (int step = 0; step < 3; step++) {
                try (LiveAdapter live = base.adapt(peft.settings(), weights)) {
                    Classifier classifier = new Classifier(base, live);
                    assertThat(BertGoldenTest.mean(classifier.scores(examples(), null).losses))
                            .isCloseTo(losses[step], within(1e-5));
                    weights = descended(weights, gradients(classifier, live, weights), 0.1f);
                }
            }
            if (Goldens.has(file(name), "sgd3." + weights.names().first())) {
                compare(name, "sgd3.", weights);
            }
            MergedModel.write(base, peft.settings(), weights, merged);
        }
        assertThat(logitsOfPlain(merged))
                .containsExactly(golden(name, "sgd3_merged_logits"), within(1e-4f));
    }

    private float[] logitsOfPlain(Path folder) throws IOException {
        try (BaseModel base = BaseModel.load(folder);
                LiveAdapter nothing = TinyModel.untouched(base)) {
            return new Classifier(base, nothing).scores(examples(), null).logits;
        }
    }

    private AdapterWeights gradients(
            Classifier classifier, LiveAdapter live, AdapterWeights weights) throws IOException {
        classifier.backward(examples(), Classifier.Masks.NONE, 1);
        TrainedTensors tensors = new TrainedTensors(live, weights);
        tensors.takeGradients();
        return tensors.gradients();
    }

    private static AdapterWeights descended(
            AdapterWeights from, AdapterWeights gradients, float rate) {
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

    private void compare(String name, String prefix, AdapterWeights actual) {
        for (String tensor : actual.names()) {
            assertThat(actual.values(tensor))
                    .as(prefix + tensor)
                    .containsExactly(golden(name, prefix + tensor), STEPPED);
        }
    }

    private static String first(TrainingRun run) {
        return run.weights().names().first();
    }

    private List<Example> examples() throws IOException {
        return Goldens.examples(family);
    }

    private Path file(String name) {
        return family.resolve(name).resolve("golden.safetensors");
    }

    private float[] golden(String name, String tensor) {
        return Goldens.floats(file(name), tensor);
    }
}
