package dev.espalier.agent.data;

import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.protocol.Digest;
import java.util.List;

/**
 * How rows become examples.
 *
 * @param tokenizerDigest names the tokenizer's file, so that ids can be kept from one round to the
 *     next
 * @param maxLength longest sequence in tokens
 * @param labels of the task, in the order of its classes
 */
public record TextEncoding(
        TextTokenizer tokenizer, Digest tokenizerDigest, int maxLength, List<String> labels) {

    public TextEncoding {
        labels = List.copyOf(labels);
    }
}
