package dev.espalier.lm.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.GoldenHeads;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.head.ConfidenceSettings.Average;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Confidence of heads against transformers' attentions; every token counts there. */
class HeadConfidenceGoldenTest {

    static Stream<Arguments> families() {
        return Goldens.families()
                .flatMap(family ->
                        Stream.of(
                                Arguments.of(family, "confidence", Average.TOKENS, 3),
                                Arguments.of(family, "confidence", Average.TOKENS, 1),
                                Arguments.of(family, "confidence_perseq", Average.TEXTS, 2)));
    }

    @ParameterizedTest
    @MethodSource("families")
    void confidenceIsThatOfTransformers(String family, String name, Average average, int batchSize)
            throws IOException {
        Path folder = Goldens.family(family);
        try (BaseModel base = BaseModel.load(folder)) {
            HeadConfidence confidence =
                    new HeadConfidence(
                            base,
                            new ConfidenceSettings(false, false, false, average),
                            Set.of(),
                            batchSize);

            HeadScores scores = measure(base, confidence, folder.resolve("inputs.safetensors"));

            float[][] expected = new GoldenHeads(folder, base.structure()).confidence(name);
            assertThat(scores.blocks()).isEqualTo(expected.length);
            for (int b = 0; b < expected.length; b++) {
                assertThat(scores.heads(b)).isEqualTo(expected[b].length);
                for (int h = 0; h < expected[b].length; h++) {
                    assertThat(scores.score(b, h))
                            .as("block %d, head %d", b, h)
                            .isCloseTo(expected[b][h], within(1e-5));
                }
            }
        }
    }

    private static HeadScores measure(BaseModel base, HeadConfidence confidence, Path inputs)
            throws IOException {
        return base.family() instanceof TextToTextModel
                ? confidence.measurePairs(Goldens.textToTextExamples(inputs))
                : confidence.measure(Goldens.sequences(inputs));
    }
}
