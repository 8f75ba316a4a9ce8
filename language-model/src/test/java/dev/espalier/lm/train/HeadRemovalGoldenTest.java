package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.GoldenHeads;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Heads masked and heads removed, against transformers. */
class HeadRemovalGoldenTest {

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<String> withSmallerWeights() {
        return families()
                .filter(family ->
                        Files.exists(
                                Goldens.family(family).resolve("heads_removed_model.safetensors")));
    }

    @ParameterizedTest
    @MethodSource("families")
    void withMaskedHeadsLogitsAndLossAreThoseOfTransformers(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.family(family));
                LiveAdapter masked = model.base().unadapted()) {
            GoldenHeads golden = new GoldenHeads(Goldens.family(family), model.base().structure());
            masked.gateHeads(golden.mask());

            model.compareLogits(model.logits(masked, null), golden.floats("logits_masked"));
            assertThat(model.loss(masked)).isCloseTo(golden.floats("loss_masked")[0], within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void withoutHeadsLogitsAndLossAreThoseOfTransformers(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.family(family))) {
            GoldenHeads golden = new GoldenHeads(Goldens.family(family), model.base().structure());
            try (GoldenModel smaller = model.keeping(golden.mask());
                    LiveAdapter nothing = smaller.base().unadapted()) {
                float[] logits = smaller.logits(nothing, null);
                smaller.compareLogits(logits, golden.floats("logits_removed"));
                assertThat(smaller.loss(nothing))
                        .isCloseTo(golden.floats("loss_removed")[0], within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void removedIsMasked(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.family(family))) {
            BaseModel base = model.base();
            HeadMask mask = new GoldenHeads(Goldens.family(family), base.structure()).mask();
            try (GoldenModel smaller = model.keeping(mask);
                    LiveAdapter removed = smaller.base().unadapted();
                    LiveAdapter masked = base.unadapted()) {
                masked.gateHeads(mask);

                assertThat(smaller.loss(removed)).isCloseTo(model.loss(masked), within(5e-6));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("withSmallerWeights")
    void whatIsLeftOfTheWeightsIsWhatTransformersLeaves(String family) throws IOException {
        Path folder = Goldens.family(family);
        Path file = folder.resolve("heads_removed_model.safetensors");
        try (BaseModel base = BaseModel.load(folder);
                SafetensorsFile expected = SafetensorsFile.open(file);
                BaseModel left = base.keeping(new GoldenHeads(folder, base.structure()).mask())) {
            SortedSet<String> names = new TreeSet<>(expected.names());
            names.removeIf(name -> expected.info(name).shape().elements() == 0); // no head left
            assertThat(left.weights().shapes().keySet()).containsExactlyElementsOf(names);
            for (String name : names) {
                assertThat(left.weights().shapes().get(name))
                        .as(name)
                        .isEqualTo(expected.info(name).shape());
                assertThat(left.weights().floats(name)).as(name).isEqualTo(expected.floats(name));
            }
            assertThat(left.structure().parameters()).isLessThan(base.structure().parameters());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void theWholeModelIsBackBitForBit(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.family(family));
                LiveAdapter nothing = model.base().unadapted()) {
            float[] before = model.logits(nothing, null);
            HeadMask mask =
                    new GoldenHeads(Goldens.family(family), model.base().structure()).mask();
            try (GoldenModel smaller = model.keeping(mask);
                    LiveAdapter other = smaller.base().unadapted()) {
                assertThat(smaller.logits(other, null)).isNotEqualTo(before);
            }

            assertThat(model.logits(nothing, null)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void evaluatorsTakeTheSmallerModel(String family) throws IOException {
        Path folder = Goldens.family(family);
        Path inputs = folder.resolve("inputs.safetensors");
        try (BaseModel base = BaseModel.load(folder)) {
            GoldenHeads golden = new GoldenHeads(folder, base.structure());
            try (BaseModel left = base.keeping(golden.mask())) {
                double loss =
                        switch (left.family()) {
                            case SequenceClassifier _ -> classify(left, folder);
                            case CausalLanguageModel _ ->
                                    loss(
                                            new LanguageModelEvaluator(left, 2)
                                                    .evaluate(Goldens.languageExamples(inputs)));
                            case TextToTextModel _ ->
                                    loss(
                                            new TextToTextEvaluator(left, 3)
                                                    .evaluate(Goldens.textToTextExamples(inputs)));
                        };
                assertThat(loss).isCloseTo(golden.floats("loss_removed")[0], within(1e-5));
            }
        }
    }

    private static double loss(LanguageEvaluation evaluation) {
        return evaluation.loss();
    }

    private static double classify(BaseModel left, Path folder) throws IOException {
        AdapterSettings settings =
                new AdapterSettings(2, 4, 0, TargetModules.expression(".*"), TaskHead.frozen());
        return new Evaluator(left, settings, 2)
                .evaluate(left.freshAdapter(settings, 1), Goldens.examples(folder))
                .loss();
    }
}
