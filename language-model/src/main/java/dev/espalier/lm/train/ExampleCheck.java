package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.base.TextCheck;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
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
        TextCheck.requireSome(examples);
        int classes = settings.labels(base.structure()).size();
        for (int i = 0; i < examples.size(); i++) {
            Example example = examples.get(i);
            if (example.label() >= classes) {
                throw new IllegalArgumentException(
                        "example %d has label %d of %d classes"
                                .formatted(i, example.label(), classes));
            }
            TextCheck.requireFits(base.structure(), i, example.tokens());
        }
    }

    /**
     * @throws IllegalArgumentException if the model is for another task, or naming the number of
     *     the first bad example, from 0
     */
    static void check(BaseModel base, List<LanguageExample> examples) {
        base.causalLanguageModel();
        TextCheck.requireSome(examples);
        for (int i = 0; i < examples.size(); i++) {
            LanguageExample example = examples.get(i);
            TextCheck.requireFits(base.structure(), i, example.tokens());
            for (int t = 1; t < example.tokens().length(); t++) {
                if (example.isPredicted(t)) {
                    TextCheck.requireKnownLabel(base.structure(), i, example.label(t));
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
        TextCheck.requirePairsFit(base.structure(), examples);
    }
}
