package dev.espalier.lm.tokens;

import java.util.Arrays;

/**
 * A text to be read, and the text to be written after it, token by token. Every target token is to
 * be predicted from the source and the target tokens before it, the first too. Immutable; prints as
 * its lengths.
 */
public final class TextToTextExample {

    private final TokenSequence source;
    private final int[] labels;

    /**
     * @param labels the target: its ids, with {@link LanguageExample#IGNORED} for tokens that are
     *     neither read nor predicted
     * @throws IllegalArgumentException if no token is to be predicted
     */
    public TextToTextExample(TokenSequence source, int[] labels) {
        this.source = source;
        this.labels = labels.clone();
        if (predictions() == 0) {
            throw new IllegalArgumentException("no token is to be predicted");
        }
    }

    /** All of the target is predicted, its end token included. */
    public static TextToTextExample of(TokenSequence source, TokenSequence target) {
        return new TextToTextExample(source, target.ids());
    }

    public TokenSequence source() {
        return source;
    }

    /** Target tokens, ignored ones included. */
    public int targetLength() {
        return labels.length;
    }

    public int label(int position) {
        return labels[position];
    }

    /** Whether the target token at that position is to be predicted. */
    public boolean isPredicted(int position) {
        return labels[position] != LanguageExample.IGNORED;
    }

    /** How many target tokens are to be predicted: 1 or more. */
    public int predictions() {
        return (int) Arrays.stream(labels).filter(id -> id != LanguageExample.IGNORED).count();
    }

    /**
     * What a decoder reads while it predicts the target: the target one place later.
     *
     * @param start what it reads before the first
     * @param padding what it reads for an ignored token
     */
    public TokenSequence shifted(int start, int padding) {
        int[] ids = new int[labels.length];
        ids[0] = start;
        for (int t = 1; t < ids.length; t++) {
            ids[t] = isPredicted(t - 1) ? labels[t - 1] : padding;
        }
        return new TokenSequence(ids, new int[ids.length]);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextToTextExample that
                && source.equals(that.source)
                && Arrays.equals(labels, that.labels);
    }

    @Override
    public int hashCode() {
        return 31 * source.hashCode() + Arrays.hashCode(labels);
    }

    @Override
    public String toString() {
        return "TextToTextExample[%d tokens, %d predicted]"
                .formatted(source.length(), predictions());
    }
}
