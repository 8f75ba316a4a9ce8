package dev.espalier.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What small real models tell, token by token and as text, against transformers. */
class RealGenerationGoldenTest {

    @Test
    void theStoryIsTheKnownOne() throws IOException {
        Path folder = Goldens.model("stories260K");
        int[] told = ids(folder, "greedy_from_bos");
        try (BaseModel base = BaseModel.load(folder)) {
            int[] ours = continued(base, new int[] {told[0]}, told.length);

            assertThat(ours).isEqualTo(told);
            assertThat(base.tokenizer().decode(ours, true).strip())
                    .isEqualTo(json(folder).path("greedy_from_bos_text").stringValue());
        }
    }

    @Test
    void theArticleIsTheKnownOne() throws IOException {
        Path folder = Goldens.model("opt-wikitext2");
        int[] prompt = ids(folder, "greedy_prompt");
        int[] written = ids(folder, "greedy");
        try (BaseModel base = BaseModel.load(folder)) {
            int[] ours = continued(base, prompt, written.length);

            assertThat(ours).isEqualTo(written);
            assertThat(base.tokenizer().decode(ours, true).strip())
                    .isEqualTo(json(folder).path("greedy_text").stringValue());
        }
    }

    /** Three texts, each until its end token. */
    @Test
    void theRewrittenTextsAreTheKnownOnes() throws IOException {
        Path folder = Goldens.model("t5-denoise");
        Path golden = folder.resolve("golden.safetensors");
        int[] written = ids(folder, "greedy");
        List<TokenSequence> sources = Goldens.sequences(golden);
        int width = written.length / sources.size();
        try (BaseModel base = BaseModel.load(folder);
                TextToTextGenerator generator = TextToTextGenerator.of(base)) {
            GenerationSettings settings = GenerationSettings.greedy(32, base.endTokens());
            for (int row = 0; row < sources.size(); row++) {
                int[] ours = generator.written(sources.get(row).ids(), settings).tokens().ids();

                assertThat(Arrays.copyOf(ours, width)) // what follows the end is padding, 0
                        .isEqualTo(Arrays.copyOfRange(written, row * width, (row + 1) * width));
                assertThat(base.tokenizer().decode(ours, true).strip() + " </s>")
                        .isEqualTo(json(folder).path("greedy_text").path(row).stringValue());
            }
        }
    }

    private static int[] continued(BaseModel base, int[] prompt, int length) {
        GenerationSettings settings = GenerationSettings.greedy(length - prompt.length, List.of());
        try (TextGenerator generator = TextGenerator.of(base)) {
            return generator.continued(prompt, settings).tokens().ids();
        }
    }

    private static int[] ids(Path folder, String name) {
        Path golden = folder.resolve("golden.safetensors");
        return Arrays.stream(Goldens.longs(golden, name)).mapToInt(Math::toIntExact).toArray();
    }

    private static JsonNode json(Path folder) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(folder.resolve("golden.json")));
    }
}
