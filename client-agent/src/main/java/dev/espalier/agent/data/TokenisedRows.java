package dev.espalier.agent.data;

import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.protocol.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows with their token ids, which are kept as long as the same encoding is asked for. */
final class TokenisedRows {

    private final List<LabelledRow> rows;
    private @Nullable Encoded encoded;

    TokenisedRows(List<LabelledRow> rows) {
        this.rows = rows;
    }

    /** Filled as rows are asked for. */
    private static final class Encoded {

        final Digest tokenizer;
        final int maxLength;
        final @Nullable TokenSequence[] sequences;

        Encoded(TextEncoding encoding, int rows) {
            this.tokenizer = encoding.tokenizerDigest();
            this.maxLength = encoding.maxLength();
            this.sequences = new TokenSequence[rows];
        }

        boolean fits(TextEncoding encoding) {
            return tokenizer.equals(encoding.tokenizerDigest())
                    && maxLength == encoding.maxLength();
        }
    }

    int size() {
        return rows.size();
    }

    /** The named rows as examples, in the order they are named. */
    synchronized List<Example> examples(TextEncoding encoding, int[] numbers) {
        @Nullable TokenSequence[] known = sequences(encoding);
        List<Example> examples = new ArrayList<>(numbers.length);
        for (int number : numbers) {
            LabelledRow row = rows.get(number);
            TokenSequence tokens = known[number];
            if (tokens == null) {
                tokens = encode(row, encoding.tokenizer(), encoding.maxLength());
                known[number] = tokens;
            }
            examples.add(new Example(tokens, encoding.labels().indexOf(row.label())));
        }
        return examples;
    }

    private @Nullable TokenSequence[] sequences(TextEncoding encoding) {
        if (encoded == null || !encoded.fits(encoding)) {
            encoded = new Encoded(encoding, rows.size());
        }
        return encoded.sequences;
    }

    private static TokenSequence encode(LabelledRow row, TextTokenizer tokenizer, int maxLength) {
        PrivateText second = row.secondText();
        return second == null
                ? tokenizer.encode(row.text().reveal(), maxLength)
                : tokenizer.encodePair(row.text().reveal(), second.reveal(), maxLength);
    }
}
