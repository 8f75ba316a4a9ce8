package dev.espalier.agent.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.metric.Bleu;
import dev.espalier.lm.tokens.TextToTextExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that teach to write a text after reading another. */
class TextsToWriteTest {

    private static final TextEncoding SHORT = Tokens.ENCODING.cutTo(4);

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"a.csv", "a.tsv", "a.jsonl"})
    void theyComeInEveryFormatWithColumnsOfAnyName(String name) throws IOException {
        String text =
                name.endsWith("jsonl")
                        ? "{\"mr\": \"lunch today\", \"ref\": \"see you\"}\n"
                        : "mr,ref\nlunch today,see you\n"
                                .replace(',', name.endsWith("tsv") ? '\t' : ',');

        PrivateData data = open(name, text, "columns.text", "mr", "columns.target", "ref");

        assertThat(data.offer().labels()).isEmpty();
        assertThat(data.offer().trainRows()).isEqualTo(1);
        assertThat(data.trainingPairs(Tokens.ENCODING, SHORT, 0, null))
                .containsExactly(
                        TextToTextExample.of(
                                Tokens.TOKENIZER.encode("lunch today", 32),
                                Tokens.TOKENIZER.encode("see you", 4)));
    }

    @Test
    void eachSideIsCutToItsOwnLength() throws IOException {
        PrivateData data = open("a.csv", "text,target\nlunch at one,see you at lunch today\n");

        TextToTextExample pair =
                data.trainingPairs(Tokens.ENCODING.cutTo(3), SHORT, 0, null).getFirst();

        assertThat(pair.source().length()).isEqualTo(3);
        assertThat(pair.targetLength()).isEqualTo(4);
    }

    @Test
    void textsOfTheSameSourceAreReferencesOfOne() throws IOException {
        HeldOutTexts texts =
                heldOut("lunch today,see you\nmoney now,buy now\nlunch today,good day\n");

        assertThat(texts.pairs()).hasSize(3);
        assertThat(texts.sources())
                .containsExactly(
                        Tokens.TOKENIZER.encode("lunch today", 32),
                        Tokens.TOKENIZER.encode("money now", 32));
    }

    @Test
    void scoresAreThoseOfTheWrittenTextsAgainstAllReferences() throws IOException {
        HeldOutTexts texts =
                heldOut(
                        "lunch today,see you at lunch with the team\n"
                                + "money now,buy now\n"
                                + "lunch today,good day to all of you\n");
        HeldOutTexts.Scores scores = texts.scores();
        Bleu expected = new Bleu();

        write(scores, expected, 0, "good day to all of you", "see you at lunch with the team");
        assertThat(scores.bleu()).isEqualTo(100);
        assertThat(scores.rougeL()).isEqualTo(1);

        write(scores, expected, 1, "buy today", "buy now");
        assertThat(scores.bleu()).isLessThan(100).isEqualTo(expected.score().score());
        assertThat(scores.rougeL()).isCloseTo((1 + 0.5) / 2, within(1e-12));
    }

    /** The first reference is what is written, but for the second source. */
    private static void write(
            HeldOutTexts.Scores scores, Bleu expected, int source, String text, String other) {
        scores.add(source, Tokens.TOKENIZER.encode(text).ids());
        expected.add(text, source == 0 ? List.of(other, text) : List.of(other));
    }

    @Test
    void rowsOfOneSourceAreNeverOnBothSides() throws IOException {
        StringBuilder rows = new StringBuilder("text,target\n");
        for (int i = 0; i < 200; i++) {
            rows.append("lunch number ").append(i % 20).append(",see you ").append(i).append('\n');
        }

        PrivateData data = open("a.csv", rows.toString(), "held-out.share", "0.5");

        assertThat(data.offer().heldOutRows() % 10).isZero();
        assertThat(data.offer().heldOutRows()).isBetween(10L, 190L);
    }

    @Test
    void dataOfOneTaskIsNotReadAsThatOfAnother() throws IOException {
        PrivateData data = open("a.csv", "text,target\nlunch,see you\n");

        assertThatThrownBy(() -> data.trainingExamples(Tokens.ENCODING, List.of(), 0, null))
                .isInstanceOf(IllegalStateException.class);
    }

    private HeldOutTexts heldOut(String rows) throws IOException {
        return open("a.csv", "text,target\n" + rows, "held-out.share", "1")
                .heldOutTexts(Tokens.ENCODING, Tokens.ENCODING);
    }

    private PrivateData open(String name, String text, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        String[] settings = new String[more.length + 2];
        settings[0] = "task";
        settings[1] = "TEXT_TO_TEXT";
        System.arraycopy(more, 0, settings, 2, more.length);
        return PrivateData.open(Settings.of(file, settings));
    }
}
