package dev.espalier.lm.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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
        Path folder = Goldens.model("tokenizers");
        JsonNode golden = json(folder.resolve("tokenizer_goldens.json"));
        compare(
                folder.resolve(name).resolve("tokenizer.json"),
                golden.path("texts"),
                golden.path(name).path("ids_with_special"));
    }

    @Test
    void pairsAndTheirTypesAreThoseOfPython() throws IOException {
        Path folder = Goldens.model("tokenizers");
        JsonNode golden = json(folder.resolve("tokenizer_goldens.json"));
        JsonNode bert = golden.path("bert-base-uncased");
        Path file = folder.resolve("bert-base-uncased").resolve("tokenizer.json");
        try (TextTokenizer tokenizer = TextTokenizer.open(file)) {
            JsonNode pairs = golden.path("pairs");
            assertThat(pairs.size()).isPositive().isEqualTo(bert.path("pair_ids").size());
            for (int i = 0; i < pairs.size(); i++) {
                TokenSequence pair =
                        tokenizer.encodePair(
                                pairs.get(i).get(0).stringValue(),
                                pairs.get(i).get(1).stringValue());
                assertThat(pair.ids()).isEqualTo(ints(bert.path("pair_ids").get(i)));
                assertThat(pair.types()).isEqualTo(ints(bert.path("pair_token_type_ids").get(i)));
            }
        }
    }

    @Test
    void decodedTextsAreThoseOfPython() throws IOException {
        Path folder = Goldens.model("tokenizers");
        JsonNode golden = json(folder.resolve("tokenizer_goldens.json"));
        JsonNode gpt2 = golden.path("gpt2");
        Path file = folder.resolve("gpt2").resolve("tokenizer.json");
        try (TextTokenizer tokenizer = TextTokenizer.open(file)) {
            assertThat(gpt2.path("decoded").size()).isPositive();
            for (int i = 0; i < gpt2.path("decoded").size(); i++) {
                int[] ids = ints(gpt2.path("ids_with_special").get(i));
                assertThat(tokenizer.decode(ids, true))
                        .isEqualTo(gpt2.path("decoded").get(i).stringValue());
            }
        }
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    @ParameterizedTest
    @CsvSource({"stories260K, ids_with_bos", "opt-wikitext2, ids", "t5-denoise, ids"})
    void idsOfAModelsOwnTokenizerAreThoseOfPython(String model, String ids) throws IOException {
        Path folder = Goldens.model(model);
        JsonNode golden = json(folder.resolve("tokenizer_golden.json"));
        compare(folder.resolve("tokenizer.json"), golden.path("texts"), golden.path(ids));
    }

    private static void compare(Path file, JsonNode texts, JsonNode ids) throws IOException {
        try (TextTokenizer tokenizer = TextTokenizer.open(file)) {
            assertThat(texts.size()).isPositive().isEqualTo(ids.size());
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i).stringValue();
                int[] expected = ints(ids.get(i));
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
}
