package dev.espalier.agent.data;

import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The tiny model's tokenizer, and back from ids to words. */
final class Tokens {

    static final TextTokenizer TOKENIZER = open();

    static final TextEncoding ENCODING = new TextEncoding(TOKENIZER, Digest.of(new byte[] {1}), 32);

    private Tokens() {}

    /** The words of each example; which label it has is told before them. */
    static List<String> words(List<Example> examples) {
        return examples.stream()
                .map(e -> e.label() + " " + TOKENIZER.decode(e.tokens().ids(), true))
                .toList();
    }

    private static TextTokenizer open() {
        try {
            return TextTokenizer.open(Path.of("src/test/resources/tiny-bert/tokenizer.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
