package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.LanguageExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Small real decoders against transformers: logits, loss, perplexity. */
class RealDecoderGoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"stories260K", "opt-wikitext2"})
    void logitsAreThoseOfTransformers(String name) throws IOException {
        Path golden = Goldens.model(name).resolve("golden.safetensors");
        try (GoldenModel model = GoldenModel.load(Goldens.model(name), golden, Precision.SINGLE);
                LiveAdapter nothing = model.base().unadapted()) {
            float[] expected = Goldens.floats(golden, "logits");

            model.compareLogits(model.logits(nothing, null), expected);
            model.compareLogits(model.leftPaddedLogits(nothing), expected, true);
        }
    }

    /** Not OPT's loss: a row of its batch is padded on the left and foretells from padding. */
    @Test
    void theLossIsThatOfTransformers() throws IOException {
        Path golden = Goldens.model("stories260K").resolve("golden.safetensors");
        try (GoldenModel model =
                        GoldenModel.load(Goldens.model("stories260K"), golden, Precision.SINGLE);
                LiveAdapter nothing = model.base().unadapted()) {
            assertThat(model.loss(nothing))
                    .isCloseTo(Goldens.floats(golden, "loss")[0], within(1e-5));
        }
    }

    /** 48 windows of 128 tokens. */
    @Test
    void thePerplexityOfTheStoriesIsTheirs() throws IOException {
        Path folder = Goldens.model("stories260K");
        JsonNode results = json(folder.resolve("prune_results.json"));
        int length = results.path("note").path("seqlen").intValue();
        List<LanguageExample> windows =
                LanguageExample.windows(
                        Goldens.ids(folder.resolve("prune_calib.safetensors"), "eval_ids"), length);

        assertThat(windows).hasSize(results.path("note").path("neval").intValue());
        assertThat(evaluate(folder, windows).perplexity())
                .isCloseTo(
                        results.path("dense").path("ppl").doubleValue(),
                        Percentage.withPercentage(0.01));
    }

    /** The first 200 windows of the test text. */
    @Test
    void thePerplexityOfWikitextIsTheirs() throws IOException {
        Path folder = Goldens.model("opt-wikitext2");
        JsonNode results = json(folder.resolve("results.json"));
        int length = results.path("protocol").path("segment_length").intValue();
        List<LanguageExample> windows =
                LanguageExample.windows(
                                Goldens.ids(folder.resolve("eval_ids.safetensors"), "test_ids"),
                                length)
                        .subList(0, 200);

        LanguageEvaluation evaluation = evaluate(folder, windows);

        assertThat(evaluation.predictions()).isEqualTo(200L * (length - 1));
        assertThat(evaluation.perplexity())
                .isCloseTo(
                        results.path("dense").path("ppl_first200").doubleValue(),
                        Percentage.withPercentage(0.01));
    }

    private static LanguageEvaluation evaluate(Path folder, List<LanguageExample> windows)
            throws IOException {
        try (BaseModel base = BaseModel.load(folder)) {
            return new LanguageModelEvaluator(base, 8).evaluate(windows);
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(file));
    }
}
