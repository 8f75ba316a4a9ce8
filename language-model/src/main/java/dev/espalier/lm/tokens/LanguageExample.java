package dev.espalier.lm.tokens;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text to be foretold token by token. A token with a label is to be predicted from all tokens
 * before it; so the first token is never predicted, whatever its label. Immutable; prints as its
 * length.
 */
public final class LanguageExample {

    /** Label of a token that is read but not predicted; transformers' own number. */
    public static final int IGNORED = -100;

    private final TokenSequence tokens;
    private final int[] labels;

    /**
     * @param labels for each token its id, or {@link #IGNORED}
     * @throws IllegalArgumentException if there is not one label a token, or no token is predicted
     */
    public LanguageExample(TokenSequence tokens, int[] labels) {
        if (labels.length != tokens.length()) {
            throw new IllegalArgumentException(
                    "%d labels for %d tokens".formatted(labels.length, tokens.length()));
        }
        this.tokens = tokens;
        this.labels = labels.clone();
        if (predictions() == 0) {
            throw new IllegalArgumentException("no token is to be predicted");
        }
    }

    /**
     * Every token but the first is predicted.
     *
     * @param tokens two or more
     */
    public static LanguageExample of(TokenSequence tokens) {
        return new LanguageExample(tokens, tokens.ids());
    }

    /**
     * Only what comes after the prompt is predicted.
     *
     * @param prompt number of tokens that are given
     */
    public static LanguageExample completion(TokenSequence tokens, int prompt) {
        int[] labels = tokens.ids();
        Arrays.fill(labels, 0, prompt, IGNORED);
        return new LanguageExample(tokens, labels);
    }

    /**
     * A long text cut into windows that do not overlap; an incomplete last one is dropped. The
     * perplexity over them is that of the pruning literature (SparseGPT, Wanda).
     *
     * @param length of each, 2 or more
     */
    public static List<LanguageExample> windows(int[] ids, int length) {
        List<LanguageExample> windows = new ArrayList<>();
        for (int from = 0; from + length <= ids.length; from += length) {
            int[] window = Arrays.copyOfRange(ids, from, from + length);
            windows.add(of(new TokenSequence(window, new int[length])));
        }
        return List.copyOf(windows);
    }

    public TokenSequence tokens() {
        return tokens;
    }

    public int label(int position) {
        return labels[position];
    }

    /** Whether the token at that position is to be predicted from those before it. */
    public boolean isPredicted(int position) {
        return position > 0 && labels[position] != IGNORED;
    }

    /** How many tokens are to be predicted: 1 or more. */
    public int predictions() {
        int count = 0;
        for (int t = 1; t < labels.length; t++) {
            count += isPredicted(t) ? 1 : 0;
        }
        return count;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LanguageExample that
                && tokens.equals(that.tokens)
                && Arrays.equals(labels, that.labels);
    }

    @Override
    public int hashCode() {
        return 31 * tokens.hashCode() + Arrays.hashCode(labels);
    }

    @Override
    public String toString() {
        return "LanguageExample[%d tokens, %d predicted]".formatted(tokens.length(), predictions());
    }
}
