package dev.espalier.lm.tokens;

/**
 * A text with the class it belongs to.
 *
 * @param label from 0
 */
public record Example(TokenSequence tokens, int label) {

    public Example {
        if (label < 0) {
            throw new IllegalArgumentException("a label is 0 or more: " + label);
        }
    }
}
