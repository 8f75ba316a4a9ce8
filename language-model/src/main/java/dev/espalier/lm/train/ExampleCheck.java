package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.List;

/** Refuses examples that the engine would read past its tables for. Never quotes one. */
final class ExampleCheck {

    private ExampleCheck() {}

    /**
     * @throws IllegalArgumentException if the model is for another task, or naming the number of
     *     the first bad example, from 0
     */
    static void check(BaseModel base, AdapterSettings settings, List<Example> examples) {
        base.classifier();
        requireSome(examples);
        int classes = settings.labels(base.structure()).size();
        for (int i = 0; i < examples.size(); i++) {
            Example example = examples.get(i);
            if (example.label() >= classes) {
                throw new IllegalArgumentException(
                        "example %d has label %d of %d classes"
                                .formatted(i, example.label(), classes));
            }
            requireFits(base.structure(), i, example.tokens());
        }
    }

    /**
     * @throws IllegalArgumentException if the model is for another task, or naming the number of
     *     the first bad example, from 0
     */
    static void check(BaseModel base, List<LanguageExample> examples) {
        base.causalLanguageModel();
        requireSome(examples);
        for (int i = 0; i < examples.size(); i++) {
            LanguageExample example = examples.get(i);
            requireFits(base.structure(), i, example.tokens());
            for (int t = 1; t < example.tokens().length(); t++) {
                if (example.isPredicted(t)) {
                    requireKnownLabel(base.structure(), i, example.label(t));
                }
            }
        }
    }

    /**
     * @throws IllegalArgumentException if the model is for another task, or naming the number of
     *     the first bad example, from 0
     */
    static void checkPairs(BaseModel base, List<TextToTextExample> examples) {
        base.textToTextModel();
        requireSome(examples);
        for (int i = 0; i < examples.size(); i++) {
            TextToTextExample example = examples.get(i);
            requireFits(base.structure(), i, example.source());
            requireLength(base.structure(), i, example.targetLength());
            for (int t = 0; t < example.targetLength(); t++) {
                if (example.isPredicted(t)) {
                    requireKnownLabel(base.structure(), i, example.label(t));
                }
            }
        }
    }

    private static void requireKnownLabel(ModelStructure model, int number, int label) {
        if (label < 0 || label >= model.vocabulary()) {
            throw new IllegalArgumentException(
                    "example %d has a label that the model does not know".formatted(number));
        }
    }

    private static void requireSome(List<?> examples) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there are no examples");
        }
    }

    private static void requireFits(ModelStructure model, int number, TokenSequence tokens) {
        requireLength(model, number, tokens.length());
        requireKnownIds(number, tokens, model.vocabulary());
    }

    private static void requireLength(ModelStructure model, int number, int length) {
        if (length > model.maxPositions()) {
            throw new IllegalArgumentException(
                    "example %d has %d tokens, the model takes %d; encode with a maximum length"
                            .formatted(number, length, model.maxPositions()));
        }
    }

    private static void requireKnownIds(int number, TokenSequence tokens, int vocabulary) {
        for (int t = 0; t < tokens.length(); t++) {
            boolean known = tokens.id(t) >= 0 && tokens.id(t) < vocabulary;
            if (!known || tokens.type(t) < 0 || tokens.type(t) > 1) {
                throw new IllegalArgumentException(
                        "example %d has a token that the model does not know".formatted(number));
            }
        }
    }
}
