package dev.espalier.lm.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.Goldens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** bert-base-uncased against the ids of transformers' own tokenizer. */
class TextTokenizerGoldenTest {

    private static final Path GOLDEN =
            Goldens.bundled("tokenizers").resolve("bert-base-uncased.json");

    @TempDir private static Path folder;

    private static TextTokenizer tokenizer;
    private static JsonNode golden;

    @BeforeAll
    static void open() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        try (InputStream in =
                TextTokenizerGoldenTest.class.getResourceAsStream(
                        "/all-minilm-l6-v2-tokenizer.json")) {
            Files.copy(in, file);
        }
        tokenizer = TextTokenizer.open(file);
        golden = JsonMapper.shared().readTree(Files.readString(GOLDEN));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    static IntStream texts() throws IOException {
        return IntStream.range(
                0, JsonMapper.shared().readTree(Files.readString(GOLDEN)).path("texts").size());
    }

    @ParameterizedTest(name = "text {0}")
    @MethodSource("texts")
    void idsAreThoseOfTransformers(int text) {
        TokenSequence tokens = tokenizer.encode(golden.path("texts").get(text).stringValue());

        assertThat(tokens.ids())
                .isEqualTo(
                        ints(golden.path("bert-base-uncased").path("ids_with_special").get(text)));
        assertThat(tokens.types()).containsOnly(0);
    }

    @Test
    void pairsAreThoseOfTransformers() {
        JsonNode pairs = golden.path("pairs");
        JsonNode expected = golden.path("bert-base-uncased");
        for (int i = 0; i < pairs.size(); i++) {
            TokenSequence tokens =
                    tokenizer.encodePair(
                            pairs.get(i).get(0).stringValue(), pairs.get(i).get(1).stringValue());

            assertThat(tokens.ids()).isEqualTo(ints(expected.path("pair_ids").get(i)));
            assertThat(tokens.types()).isEqualTo(ints(expected.path("pair_token_type_ids").get(i)));
        }
    }

    @Test
    void aLongTextIsCutAndKeepsItsSpecialTokens() {
        String text = "word ".repeat(5000);

        TokenSequence cut = tokenizer.encode(text, 64);

        assertThat(cut.length()).isEqualTo(64);
        assertThat(cut.id(0)).isEqualTo(101);
        assertThat(cut.id(63)).isEqualTo(102);
        assertThat(tokenizer.encode(text).length()).isEqualTo(5002);
    }

    @Test
    void theLongerTextOfAPairIsCutFirst() {
        TokenSequence cut = tokenizer.encodePair("short one", "word ".repeat(100), 20);

        assertThat(cut.length()).isEqualTo(20);
        assertThat(Arrays.stream(cut.types()).filter(type -> type == 0).count()).isEqualTo(4);
    }

    @Test
    void anEmptyTextIsItsSpecialTokens() {
        assertThat(tokenizer.encode("").ids()).containsExactly(101, 102);
        assertThat(tokenizer.encode("", 64).ids()).containsExactly(101, 102);
    }

    @Test
    void idsTurnBackIntoText() {
        assertThat(tokenizer.decode(tokenizer.encode("Hello, world!").ids(), true))
                .isEqualTo("hello, world!");
    }

    @Test
    void theVocabularyIsThatOfBertBase() {
        assertThat(tokenizer.vocabulary()).isEqualTo(30522);
    }

    @Test
    void aSequenceDoesNotPrintItsContent() {
        assertThat(tokenizer.encode("secret")).hasToString("TokenSequence[3 tokens]");
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }
}
