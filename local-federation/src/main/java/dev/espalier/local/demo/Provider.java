package dev.espalier.local.demo;

import dev.espalier.local.corpus.Corpus;
import dev.espalier.local.corpus.LabelledText;
import java.nio.file.Path;

/**
 * One mail provider and what only it holds.
 *
 * @param agent its name in the fleet
 * @param file where its agent reads the texts
 */
record Provider(String agent, Corpus texts, Path file) {

    /** "31 ham, 10 spam", by the given labels. */
    String holds(Iterable<String> labels) {
        StringBuilder words = new StringBuilder();
        for (String label : labels) {
            long count =
                    texts.texts().stream().map(LabelledText::label).filter(label::equals).count();
            words.append(words.isEmpty() ? "" : ", ").append(count).append(' ').append(label);
        }
        return words.toString();
    }
}
