package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.List;

/** Refuses examples that the engine would read past its tables for. Never quotes one. */
final class ExampleCheck {

    private ExampleCheck() {}

    /**
     * @throws IllegalArgumentException naming the number of the first bad example, from 0
     */
    static void check(BaseModel base, AdapterSettings settings, List<Example> examples) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there are no examples");
        }
        int classes = settings.labels(base.structure()).size();
        int longest = base.structure().maxPositions();
        for (int i = 0; i < examples.size(); i++) {
            Example example = examples.get(i);
            if (example.label() >= classes) {
                throw new IllegalArgumentException(
                        "example %d has label %d of %d classes"
                                .formatted(i, example.label(), classes));
            }
            if (example.tokens().length() > longest) {
                throw new IllegalArgumentException(
                        "example %d has %d tokens, the model takes %d; encode with a maximum length"
                                .formatted(i, example.tokens().length(), longest));
            }
            requireKnownIds(i, example.tokens(), base.structure().vocabulary());
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
