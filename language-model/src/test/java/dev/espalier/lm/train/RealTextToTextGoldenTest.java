package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small real T5 against transformers: logits, loss, and the loss on texts it has not seen. */
class RealTextToTextGoldenTest {

    @Test
    void logitsAndLossAreThoseOfTransformers() throws IOException {
        Path golden = Goldens.model("t5-denoise").resolve("golden.safetensors");
        try (GoldenModel model =
                        GoldenModel.load(Goldens.model("t5-denoise"), golden, Precision.SINGLE);
                LiveAdapter nothing = model.base().unadapted()) {
            model.compareLogits(model.logits(nothing, null), Goldens.floats(golden, "logits"));
            assertThat(model.loss(nothing))
                    .isCloseTo(Goldens.floats(golden, "loss")[0], within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"e2e", "wiki"})
    void theLossOnUnseenTextsIsTheirs(String kind) throws IOException {
        List<TextToTextExample> examples = heldOut(kind);
        JsonNode expected = golden().path("heldout").path(kind);
        try (BaseModel base = BaseModel.load(Goldens.model("t5-denoise"))) {
            LanguageEvaluation found = new TextToTextEvaluator(base, 32).evaluate(examples);

            assertThat(examples).hasSize(expected.path("examples").intValue());
            assertThat(found.predictions()).isEqualTo(expected.path("target_tokens").intValue());
            assertThat(found.loss()).isCloseTo(expected.path("loss").doubleValue(), within(1e-3));
        }
    }

    /** Padding, 0 in the sources and -100 in the targets, taken off. */
    private static List<TextToTextExample> heldOut(String kind) throws IOException {
        Path file = Goldens.model("t5-denoise").resolve("heldout.safetensors");
        int[] sources = Goldens.ids(file, kind + ".input_ids");
        int[] targets = Goldens.ids(file, kind + ".labels");
        int rows = golden().path("heldout").path(kind).path("examples").intValue();
        List<TextToTextExample> examples = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            examples.add(
                    TextToTextExample.of(
                            plain(row(sources, row, rows, 0)),
                            plain(row(targets, row, rows, -100))));
        }
        return examples;
    }

    private static TokenSequence plain(int[] ids) {
        return new TokenSequence(ids, new int[ids.length]);
    }

    private static int[] row(int[] values, int row, int rows, int padding) {
        int width = values.length / rows;
        return Arrays.stream(values, row * width, (row + 1) * width)
                .filter(id -> id != padding)
                .toArray();
    }

    private static JsonNode golden() throws IOException {
        return JsonMapper.shared()
                .readTree(Files.readString(Goldens.model("t5-denoise").resolve("golden.json")));
    }
}
