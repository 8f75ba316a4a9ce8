package dev.espalier.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.head.HeadChoice;
import dev.espalier.lm.head.RandomHeads;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.lm.train.LanguageModelEvaluator;
import dev.espalier.lm.train.TextToTextEvaluator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts written by models that lost heads. */
class PrunedGenerationTest {

    static Stream<String> writers() {
        return Stream.concat(Goldens.decoders(), Goldens.textToText());
    }

    /** Beams, one source for all of them, against the loss of what they wrote. */
    @ParameterizedTest
    @MethodSource("writers")
    void theScoreOfATextIsWhatTheEvaluatorMakesOfIt(String family) throws IOException {
        Path folder = Goldens.bundled(family);
        TokenSequence prompt = Goldens.sequences(folder.resolve("inputs.safetensors")).getLast();
        try (BaseModel base = BaseModel.load(folder);
                BaseModel left =
                        base.keeping(
                                HeadChoice.global(0.5)
                                        .choose(RandomHeads.of(base.structure(), 3)));
                Writer writer = Writer.of(left)) {
            GeneratedText text =
                    writer.written(prompt.ids(), GenerationSettings.beams(3, 6, List.of()));

            LanguageEvaluation judged = judged(left, prompt, text);
            assertThat(judged.predictions()).isEqualTo(6);
            assertThat(judged.loss() * judged.predictions())
                    .isCloseTo(-text.score() * text.tokens().length(), within(1e-4));
        }
    }

    private static LanguageEvaluation judged(
            BaseModel left, TokenSequence prompt, GeneratedText text) {
        int[] ids = text.tokens().ids();
        if (left.family() instanceof TextToTextModel) {
            int[] written = Arrays.copyOfRange(ids, text.prompt(), ids.length);
            return new TextToTextEvaluator(left, 1)
                    .evaluate(List.of(new TextToTextExample(prompt, written)));
        }
        return new LanguageModelEvaluator(left, 1)
                .evaluate(List.of(LanguageExample.completion(text.tokens(), text.prompt())));
    }
}
