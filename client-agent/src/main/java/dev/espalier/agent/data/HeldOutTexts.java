package dev.espalier.agent.data;

import dev.espalier.lm.metric.Bleu;
import dev.espalier.lm.metric.Rouge;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Held-out texts to read, each with all that the owner's people wrote after reading it. What a
 * model writes is compared in here, so that it leaves this room as scores alone, like what it is
 * compared with.
 */
public final class HeldOutTexts {

    private final TextTokenizer tokenizer;
    private final List<TextToTextExample> pairs;
    private final List<Source> sources;

    private HeldOutTexts(
            TextTokenizer tokenizer, List<TextToTextExample> pairs, List<Source> sources) {
        this.tokenizer = tokenizer;
        this.pairs = pairs;
        this.sources = sources;
    }

    /** A text to read and all that may be written after it. */
    private record Source(TokenSequence tokens, List<PrivateText> references) {}

    /** What makes two rows have the same text to read. */
    private record Key(String text, @Nullable String second) {

        /** Without the texts. */
        @Override
        public String toString() {
            return "Key";
        }
    }

    /** Rows with the same text are one source with several references, in the order of the rows. */
    static HeldOutTexts of(TokenisedRows rows, TextEncoding source, TextEncoding target) {
        int[] all = IntStream.range(0, rows.size()).toArray();
        List<TextToTextExample> pairs = rows.pairs(source, target, all);
        Map<Key, Source> sources = new LinkedHashMap<>();
        for (int i : all) {
            Row row = rows.rows().get(i);
            TokenSequence tokens = pairs.get(i).source();
            sources.computeIfAbsent(key(row), _ -> new Source(tokens, new ArrayList<>()))
                    .references()
                    .add(((Answer.Target) row.answer()).text());
        }
        return new HeldOutTexts(source.tokenizer(), pairs, List.copyOf(sources.values()));
    }

    private static Key key(Row row) {
        PrivateText second = row.secondText();
        return new Key(row.text().reveal(), second == null ? null : second.reveal());
    }

    /** Every row: a text with one of its references. */
    public List<TextToTextExample> pairs() {
        return pairs;
    }

    /** The texts to read, each once. */
    public List<TokenSequence> sources() {
        return sources.stream().map(Source::tokens).toList();
    }

    /** Scores of what a model writes; nothing is written yet. */
    public Scores scores() {
        return new Scores();
    }

    /** Keeps numbers, never texts. */
    public final class Scores {

        private final Bleu bleu = new Bleu();
        private double rougeL;
        private int written;

        private Scores() {}

        /**
         * Compares a text with all references of its source.
         *
         * @param source its number in {@link #sources}
         * @param ids what a model wrote
         */
        public void add(int source, int[] ids) {
            String text = tokenizer.decode(ids, true).strip();
            List<String> references =
                    sources.get(source).references().stream().map(PrivateText::reveal).toList();
            bleu.add(text, references);
            rougeL +=
                    references.stream()
                            .mapToDouble(reference -> Rouge.of(text, reference).rougeL().f())
                            .max()
                            .orElseThrow();
            written++;
        }

        /** Of the corpus so far, 0 to 100. */
        public double bleu() {
            return bleu.score().score();
        }

        /** Mean over the texts of the F measure with the reference that is most like it, 0 to 1. */
        public double rougeL() {
            return written == 0 ? 0 : rougeL / written;
        }
    }
}
