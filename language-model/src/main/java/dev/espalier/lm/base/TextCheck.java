package dev.espalier.lm.base;

import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.List;

/**
 * Refuses texts that the engine would read past its tables for. Names the number of the first bad
 * one, from 0, and never quotes one.
 */
public final class TextCheck {

    private TextCheck() {}

    /**
     * @throws IllegalArgumentException if there are none, or one does not fit the model
     */
    public static void requireFit(ModelStructure model, List<TokenSequence> texts) {
        requireSome(texts);
        for (int i = 0; i < texts.size(); i++) {
            requireFits(model, i, texts.get(i));
        }
    }

    /**
     * @throws IllegalArgumentException if there are none, or one does not fit the model
     */
    public static void requirePairsFit(ModelStructure model, List<TextToTextExample> pairs) {
        requireSome(pairs);
        for (int i = 0; i < pairs.size(); i++) {
            TextToTextExample pair = pairs.get(i);
            requireFits(model, i, pair.source());
            requireLength(model, i, pair.targetLength());
            for (int t = 0; t < pair.targetLength(); t++) {
                if (pair.isPredicted(t)) {
                    requireKnownLabel(model, i, pair.label(t));
                }
            }
        }
    }

    /**
     * @throws IllegalArgumentException if there are none
     */
    public static void requireSome(List<?> examples) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there are no examples");
        }
    }

    /**
     * @param number of the text, for the message
     * @throws IllegalArgumentException if it is too long or has a token that the model does not
     *     know
     */
    public static void requireFits(ModelStructure model, int number, TokenSequence tokens) {
        requireLength(model, number, tokens.length());
        for (int t = 0; t < tokens.length(); t++) {
            boolean known = tokens.id(t) >= 0 && tokens.id(t) < model.vocabulary();
            if (!known || tokens.type(t) < 0 || tokens.type(t) > 1) {
                throw new IllegalArgumentException(
                        "example %d has a token that the model does not know".formatted(number));
            }
        }
    }

    /**
     * @param number of the text, for the message
     * @throws IllegalArgumentException if the model has no such token to foretell
     */
    public static void requireKnownLabel(ModelStructure model, int number, int label) {
        if (label < 0 || label >= model.vocabulary()) {
            throw new IllegalArgumentException(
                    "example %d has a label that the model does not know".formatted(number));
        }
    }

    private static void requireLength(ModelStructure model, int number, int length) {
        if (length > model.maxPositions()) {
            throw new IllegalArgumentException(
                    "example %d has %d tokens, the model takes %d; encode with a maximum length"
                            .formatted(number, length, model.maxPositions()));
        }
    }
}
