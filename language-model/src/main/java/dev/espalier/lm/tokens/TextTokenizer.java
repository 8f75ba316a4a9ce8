package dev.espalier.lm.tokens;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Splits text as a {@code tokenizer.json} says and adds the model's special tokens.
 *
 * <p>Padding and truncation that the file may ask for are ignored: the caller names the longest
 * sequence, batches pad to their own longest. An empty text is a sequence of the special tokens
 * alone, and refused with {@code IllegalArgumentException} where there are none. Safe for many
 * threads.
 */
public final class TextTokenizer implements AutoCloseable {

    private static final int UNTRUNCATED = Integer.MAX_VALUE;

    private final Path file;
    private final int vocabulary;
    private final Map<Integer, HuggingFaceTokenizer> byMaxLength = new ConcurrentHashMap<>();

    private TextTokenizer(Path file, int vocabulary) {
        this.file = file;
        this.vocabulary = vocabulary;
    }

    /**
     * @param file a {@code tokenizer.json}
     */
    public static TextTokenizer open(Path file) throws IOException {
        TextTokenizer tokenizer = new TextTokenizer(file, highestId(file) + 1);
        tokenizer.limitedTo(UNTRUNCATED);
        return tokenizer;
    }

    /** One more than the highest id: an embedding table needs at least so many rows. */
    public int vocabulary() {
        return vocabulary;
    }

    /** A whole text, however long. */
    public TokenSequence encode(String text) {
        return encode(text, UNTRUNCATED);
    }

    /**
     * @param maxLength longest sequence to be given back, special tokens included; the rest of the
     *     text is cut off
     */
    public TokenSequence encode(String text, int maxLength) {
        return sequence(limitedTo(maxLength).encode(text));
    }

    /** A pair of texts, however long. */
    public TokenSequence encodePair(String first, String second) {
        return encodePair(first, second, UNTRUNCATED);
    }

    /** A pair; where it is too long, tokens of the longer text are cut off first. */
    public TokenSequence encodePair(String first, String second, int maxLength) {
        return sequence(limitedTo(maxLength).encode(first, second));
    }

    /** The special token that every text ends with; none where texts end without one. */
    public OptionalInt closing() {
        long[] empty = limitedTo(UNTRUNCATED).encode("").getIds();
        long[] word = limitedTo(UNTRUNCATED).encode("a").getIds();
        boolean closed = empty.length > 0 && empty[empty.length - 1] == word[word.length - 1];
        return closed
                ? OptionalInt.of(Math.toIntExact(empty[empty.length - 1]))
                : OptionalInt.empty();
    }

    /** The text that these ids stand for. */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return limitedTo(UNTRUNCATED).decode(wide, skipSpecialTokens);
    }

    private static TokenSequence sequence(Encoding encoding) {
        if (encoding.getIds().length == 0) {
            throw new IllegalArgumentException("the text has no tokens");
        }
        return new TokenSequence(narrow(encoding.getIds()), narrow(encoding.getTypeIds()));
    }

    private static int[] narrow(long[] values) {
        int[] narrow = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = Math.toIntExact(values[i]);
        }
        return narrow;
    }

    /** The native tokenizer fixes its limit when it is made, so there is one for each limit. */
    private HuggingFaceTokenizer limitedTo(int maxLength) {
        if (maxLength < 1) {
            throw new IllegalArgumentException("maxLength must be at least 1: " + maxLength);
        }
        return byMaxLength.computeIfAbsent(maxLength, this::load);
    }

    private HuggingFaceTokenizer load(int maxLength) {
        try {
            HuggingFaceTokenizer.Builder builder =
                    HuggingFaceTokenizer.builder().optTokenizerPath(file).optPadding(false);
            if (maxLength == UNTRUNCATED) {
                return builder.optTruncation(false).build();
            }
            return builder.optTruncation(true).optMaxLength(maxLength).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int highestId(Path file) throws IOException {
        JsonNode root = JsonMapper.shared().readTree(Files.readString(file));
        int highest = -1;
        for (JsonNode id : root.path("model").path("vocab")) {
            highest = Math.max(highest, id.asInt(-1)); // unigram models list pieces, see below
        }
        for (JsonNode added : root.path("added_tokens")) {
            highest = Math.max(highest, added.path("id").asInt(-1));
        }
        boolean listed = root.path("model").path("vocab").isArray();
        return listed ? Math.max(highest, root.path("model").path("vocab").size() - 1) : highest;
    }

    @Override
    public void close() {
        byMaxLength.values().forEach(HuggingFaceTokenizer::close);
    }
}
