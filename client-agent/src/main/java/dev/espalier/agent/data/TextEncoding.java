package dev.espalier.agent.data;

import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.protocol.Digest;

/**
 * How texts become token ids.
 *
 * @param tokenizerDigest names the tokenizer's file, so that ids can be kept from one round to the
 *     next
 * @param maxLength longest sequence in tokens
 */
public record TextEncoding(TextTokenizer tokenizer, Digest tokenizerDigest, int maxLength) {

    /** The same for texts of another length. */
    public TextEncoding cutTo(int longest) {
        return new TextEncoding(tokenizer, tokenizerDigest, longest);
    }
}
