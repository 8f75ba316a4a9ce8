package dev.espalier.agent.data;

import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.protocol.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Texts with their token ids, which are kept as long as the same encoding is asked for. */
final class TokenisedTexts {

    private final List<Text> texts;
    private @Nullable Encoded encoded;

    TokenisedTexts(List<Text> texts) {
        this.texts = texts;
    }

    /**
     * A text, or a pair.
     *
     * @param second null: no pair
     */
    record Text(PrivateText first, @Nullable PrivateText second) {

        TokenSequence encoded(TextTokenizer tokenizer, int maxLength) {
            return second == null
                    ? tokenizer.encode(first.reveal(), maxLength)
                    : tokenizer.encodePair(first.reveal(), second.reveal(), maxLength);
        }
    }

    /** Filled as texts are asked for. */
    private static final class Encoded {

        final Digest tokenizer;
        final int maxLength;
        final @Nullable TokenSequence[] sequences;

        Encoded(TextEncoding encoding, int texts) {
            this.tokenizer = encoding.tokenizerDigest();
            this.maxLength = encoding.maxLength();
            this.sequences = new TokenSequence[texts];
        }

        boolean fits(TextEncoding encoding) {
            return tokenizer.equals(encoding.tokenizerDigest())
                    && maxLength == encoding.maxLength();
        }
    }

    int size() {
        return texts.size();
    }

    /** The named texts, in the order they are named. */
    synchronized List<TokenSequence> sequences(TextEncoding encoding, int[] numbers) {
        if (encoded == null || !encoded.fits(encoding)) {
            encoded = new Encoded(encoding, texts.size());
        }
        @Nullable TokenSequence[] known = encoded.sequences;
        List<TokenSequence> found = new ArrayList<>(numbers.length);
        for (int number : numbers) {
            TokenSequence tokens = known[number];
            if (tokens == null) {
                tokens = texts.get(number).encoded(encoding.tokenizer(), encoding.maxLength());
                known[number] = tokens;
            }
            found.add(tokens);
        }
        return found;
    }
}
