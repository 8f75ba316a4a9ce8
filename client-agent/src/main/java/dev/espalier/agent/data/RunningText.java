package dev.espalier.agent.data;

import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.protocol.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Texts one after the other, with an empty line between, read as one and cut into windows that do
 * not overlap; what is left at the end is dropped (algorithms.md C.5). So nothing is padded, and
 * the perplexity over all windows is that of the pruning literature. The token ids are kept as long
 * as the same tokenizer is asked for.
 *
 * <p>More text than the tokenizer should read at once is read in pieces, each of whole texts and
 * with the tokenizer's special tokens (ours).
 */
final class RunningText {

    private static final String BETWEEN = "\n\n";

    /** About a thousand bytes of memory for each while the tokenizer is at it. */
    private static final int MOST_CHARACTERS = 2_000_000;

    private final List<Row> rows;
    private final int mostCharacters;
    private @Nullable Digest tokenizer;
    private int[] ids = {};

    RunningText(List<Row> rows) {
        this(rows, MOST_CHARACTERS);
    }

    /**
     * @param mostCharacters of one piece, unless a single text is longer
     */
    RunningText(List<Row> rows, int mostCharacters) {
        this.rows = rows;
        this.mostCharacters = mostCharacters;
    }

    /** How many windows of the encoding's length there are. */
    int windows(TextEncoding encoding) {
        return ids(encoding).length / encoding.maxLength();
    }

    /** The named windows, in the order they are named. */
    List<LanguageExample> windows(TextEncoding encoding, int[] numbers) {
        int[] all = ids(encoding);
        int length = encoding.maxLength();
        return IntStream.of(numbers)
                .mapToObj(number -> Arrays.copyOfRange(all, number * length, (number + 1) * length))
                .map(window -> LanguageExample.of(new TokenSequence(window, new int[length])))
                .toList();
    }

    private synchronized int[] ids(TextEncoding encoding) {
        if (!encoding.tokenizerDigest().equals(tokenizer)) {
            ids = read(encoding.tokenizer());
            tokenizer = encoding.tokenizerDigest();
        }
        return ids;
    }

    private int[] read(TextTokenizer tokenizer) {
        List<int[]> pieces = new ArrayList<>();
        StringBuilder piece = new StringBuilder();
        for (Row row : rows) {
            String text = row.text().reveal();
            if (!piece.isEmpty()
                    && piece.length() + BETWEEN.length() + text.length() > mostCharacters) {
                pieces.add(tokenizer.encode(piece.toString()).ids());
                piece.setLength(0);
            }
            piece.append(piece.isEmpty() ? "" : BETWEEN).append(text);
        }
        if (!piece.isEmpty()) {
            pieces.add(tokenizer.encode(piece.toString()).ids());
        }
        return pieces.stream().flatMapToInt(IntStream::of).toArray();
    }
}
