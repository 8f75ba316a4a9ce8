package dev.espalier.agent.data;

import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Rows as examples, whose token ids are kept from one round to the next. */
final class TokenisedRows {

    private final List<Row> rows;
    private final TokenisedTexts texts;
    private final TokenisedTexts targets;

    TokenisedRows(List<Row> rows) {
        this.rows = rows;
        this.texts =
                new TokenisedTexts(
                        rows.stream()
                                .map(row -> new TokenisedTexts.Text(row.text(), row.secondText()))
                                .toList());
        this.targets =
                new TokenisedTexts(
                        rows.stream()
                                .map(Row::answer)
                                .filter(Answer.Target.class::isInstance)
                                .map(answer -> ((Answer.Target) answer).text())
                                .map(text -> new TokenisedTexts.Text(text, null))
                                .toList());
    }

    int size() {
        return rows.size();
    }

    List<Row> rows() {
        return Collections.unmodifiableList(rows);
    }

    /**
     * The named rows, in the order they are named.
     *
     * @param labels of the task, in the order of its classes
     */
    List<Example> examples(TextEncoding encoding, List<String> labels, int[] numbers) {
        List<TokenSequence> sequences = texts.sequences(encoding, numbers);
        return IntStream.range(0, numbers.length)
                .mapToObj(i ->
                        new Example(sequences.get(i), labels.indexOf(label(rows.get(numbers[i])))))
                .toList();
    }

    private static String label(Row row) {
        return ((Answer.Label) row.answer()).name();
    }

    /** The named rows, in the order they are named. */
    List<TextToTextExample> pairs(TextEncoding source, TextEncoding target, int[] numbers) {
        List<TokenSequence> sources = texts.sequences(source, numbers);
        List<TokenSequence> written = targets.sequences(target, numbers);
        return IntStream.range(0, numbers.length)
                .mapToObj(i -> TextToTextExample.of(sources.get(i), written.get(i)))
                .toList();
    }
}
