package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.GoldenHeads;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.head.HeadScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** |dLoss/dmask| against transformers, in one batch. */
class HeadImportanceGoldenTest {

    static Stream<String> families() {
        return Goldens.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void importanceIsThatOfTransformers(String family) throws IOException {
        Path folder = Goldens.family(family);
        try (BaseModel base = BaseModel.load(folder)) {
            HeadScores scores = importance(base, folder).measure(Integer.MAX_VALUE / 2);

            float[][] expected = new GoldenHeads(folder, base.structure()).importance();
            assertThat(scores.blocks()).isEqualTo(expected.length);
            for (int b = 0; b < expected.length; b++) {
                for (int h = 0; h < expected[b].length; h++) {
                    double tolerance = Math.max(1e-5, 1e-4 * expected[b][h]);
                    assertThat(scores.score(b, h))
                            .as("block %d, head %d", b, h)
                            .isCloseTo(expected[b][h], within(tolerance));
                }
            }
        }
    }

    /** An adapter that changes nothing; and smaller batches, whose signs cannot cancel. */
    @ParameterizedTest
    @MethodSource("families")
    void smallerBatchesNeverMakeAHeadLessImportant(String family) throws IOException {
        Path folder = Goldens.family(family);
        try (BaseModel base = BaseModel.load(folder)) {
            AdapterSettings settings =
                    new AdapterSettings(
                            2, 4, 0, TargetModules.usual(base.structure()), TaskHead.frozen());
            HeadImportance importance = importance(base, folder);

            HeadScores together = importance.measure(1000);
            HeadScores apart = importance.measure(settings, base.freshAdapter(settings, 1), 1);

            for (int b = 0; b < together.blocks(); b++) {
                for (int h = 0; h < together.heads(b); h++) {
                    double least = together.score(b, h);
                    double tolerance = Math.max(1e-5, 1e-4 * least);
                    assertThat(apart.score(b, h)).isGreaterThan(least - tolerance);
                }
            }
        }
    }

    private static HeadImportance importance(BaseModel base, Path folder) throws IOException {
        Path inputs = folder.resolve("inputs.safetensors");
        AdapterSettings plain =
                new AdapterSettings(
                        1, 1, 0, TargetModules.usual(base.structure()), TaskHead.frozen());
        return switch (base.family()) {
            case SequenceClassifier _ ->
                    HeadImportance.ofClasses(base, plain, Goldens.examples(folder));
            case CausalLanguageModel _ ->
                    HeadImportance.ofTokens(base, Goldens.languageExamples(inputs));
            case TextToTextModel _ ->
                    HeadImportance.ofPairs(base, Goldens.textToTextExamples(inputs));
        };
    }
}
