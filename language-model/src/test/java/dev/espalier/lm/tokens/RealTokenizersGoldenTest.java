package dev.espalier.lm.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.lm.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tokenizers of several kinds against Python's. */
class RealTokenizersGoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"bert-base-uncased", "gpt2", "t5-own-8k"})
    void idsAreThoseOfPython(String name) throws IOException {
        Path folder = folder("tokenizers");
        JsonNode golden = json(folder.resolve("tokenizer_goldens.json"));
        compare(
                folder.resolve(name).resolve("tokenizer.json"),
                golden.path("texts"),
                golden.path(name).path("ids_with_special"));
    }

    @ParameterizedTest
    @CsvSource({"stories260K, ids_with_bos", "opt-wikitext2, ids", "t5-denoise, ids"})
    void idsOfAModelsOwnTokenizerAreThoseOfPython(String model, String ids) throws IOException {
        Path folder = folder(model);
        JsonNode golden = json(folder.resolve("tokenizer_golden.json"));
        compare(folder.resolve("tokenizer.json"), golden.path("texts"), golden.path(ids));
    }

    private static void compare(Path file, JsonNode texts, JsonNode ids) throws IOException {
        try (TextTokenizer tokenizer = TextTokenizer.open(file)) {
            assertThat(texts.size()).isPositive().isEqualTo(ids.size());
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i).stringValue();
                int[] expected = ids.get(i).valueStream().mapToInt(JsonNode::intValue).toArray();
                if (expected.length > 0) {
                    assertThat(tokenizer.encode(text).ids()).as("text %d", i).isEqualTo(expected);
                } else {
                    assertThatThrownBy(() -> tokenizer.encode(text))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("no tokens");
                }
            }
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    private static Path folder(String name) {
        Path folder = Goldens.model(name);
        assumeTrue(
                Goldens.exists(folder),
                "no " + name + " in the folder of -Despalier.models: " + folder);
        return folder;
    }
}
