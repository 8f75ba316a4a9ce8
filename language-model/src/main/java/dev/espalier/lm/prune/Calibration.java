package dev.espalier.lm.prune;

import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a model reads while it is looked at what enters its layers. Prints as its length. */
public sealed interface Calibration {

    /** For models that read one text at a time. */
    record Texts(List<TokenSequence> texts) implements Calibration {

        public Texts {
            texts = List.copyOf(texts);
        }
    }

    /** For models that read a text and write another. */
    record Pairs(List<TextToTextExample> pairs) implements Calibration {

        public Pairs {
            pairs = List.copyOf(pairs);
        }
    }

    static Calibration texts(List<TokenSequence> texts) {
        return new Texts(texts);
    }

    static Calibration pairs(List<TextToTextExample> pairs) {
        return new Pairs(pairs);
    }

    /** No text at all, which is enough for {@link Pruner.Magnitude}. */
    static Calibration none() {
        return new Texts(List.of());
    }

    /**
     * A long text cut into windows that do not overlap; an incomplete last one is left out.
     *
     * @param length of each, 1 or more
     */
    static Calibration windows(int[] ids, int length) {
        List<TokenSequence> windows = new ArrayList<>();
        for (int from = 0; from + length <= ids.length; from += length) {
            int[] window = Arrays.copyOfRange(ids, from, from + length);
            windows.add(new TokenSequence(window, new int[length]));
        }
        return texts(windows);
    }
}
