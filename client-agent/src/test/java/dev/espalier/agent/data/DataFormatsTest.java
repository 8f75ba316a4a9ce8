package dev.espalier.agent.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.tokens.Example;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataFormatsTest {

    private static final List<String> HAM_OR_SPAM = List.of("ham", "spam");

    @TempDir private Path folder;

    @Test
    void csvMayQuoteCommasQuotesAndLines() throws IOException {
        Path file =
                write(
                        "mail.csv",
                        """
                        label,text
                        spam,"win money, now"
                        ham,"meeting
                        tomorrow"
                        spam,"free ""prize""\"
                        ham,lunch
                        """);

        assertThat(wordsOf(Settings.of(file, "max-bad-rows", "0")))
                .containsExactly(
                        "1 win money now", "0 meeting tomorrow", "1 free prize", "0 lunch");
    }

    @Test
    void tsvQuotesNothing() throws IOException {
        Path file = write("mail.tsv", "label\ttext\nspam\t\"win money\nham\tlunch\n");

        assertThat(wordsOf(Settings.of(file))).containsExactly("1 win money", "0 lunch");
    }

    @Test
    void jsonLinesMayHaveMoreFieldsAndNumbersForLabels() throws IOException {
        Path file =
                write(
                        "mail.jsonl",
                        """
                        {"id": 7, "body": "win money", "class": 1}

                        {"body": "lunch", "class": 0, "extra": {"a": []}}
                        """);

        assertThat(
                        wordsOf(
                                Settings.of(
                                        file,
                                        "columns.text",
                                        "body",
                                        "columns.label",
                                        "class",
                                        "labels[0]",
                                        "ham",
                                        "labels[1]",
                                        "spam")))
                .containsExactly("1 win money", "0 lunch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mail.csv.gz", "mail.tsv.gz", "mail.jsonl.gz"})
    void filesMayBePacked(String name) throws IOException {
        String text =
                name.contains("csv")
                        ? "text,label\nlunch,ham\n"
                        : name.contains("tsv")
                                ? "text\tlabel\nlunch\tham\n"
                                : "{\"text\": \"lunch\", \"label\": \"ham\"}\n";

        assertThat(wordsOf(Settings.of(pack(name, text)))).containsExactly("0 lunch");
    }

    @Test
    void withoutAHeaderColumnsAreNumbered() throws IOException {
        Path file = write("mail.csv", "7,spam,win money\n8,ham,lunch\n");

        assertThat(
                        wordsOf(
                                Settings.of(
                                        file,
                                        "header",
                                        "false",
                                        "columns.text",
                                        "3",
                                        "columns.label",
                                        "2")))
                .containsExactly("1 win money", "0 lunch");
    }

    @Test
    void theFolderOfATextIsItsLabel() throws IOException {
        write("ham/b.txt", "lunch");
        write("ham/deep/a.txt", "meeting");
        write("spam/a.eml", "win\nmoney");
        write("spam/.hidden", "cash");
        write("readme", "not a mail");
        Files.move(pack("packed.gz", "prize"), folder.resolve("spam/z.gz"));

        assertThat(wordsOf(Settings.of(folder)))
                .containsExactly("0 lunch", "0 meeting", "1 win money", "1 prize");
    }

    @Test
    void aPatternFindsLabelAndGroupInThePath() throws IOException {
        write("2001/ham-1.txt", "lunch");
        write("2001/spam-1.txt", "money");
        write("2001/notes.md", "report");
        DataSettings settings =
                Settings.of(folder, "pattern", "(?<group>\\d+)/(?<label>ham|spam)-.*");

        assertThat(wordsOf(settings)).containsExactly("0 lunch", "1 money");
    }

    @Test
    void pairsAreTwoSegmentsOfOneExample() throws IOException {
        Path file = write("pairs.csv", "a,b,label\nhello you,good day,yes\n");
        DataSettings settings = Settings.of(file, "columns.text", "a", "columns.second-text", "b");

        assertThat(
                        PrivateData.open(settings)
                                .trainingExamples(Tokens.ENCODING, List.of("no", "yes"), 0, null)
                                .getFirst()
                                .tokens()
                                .types())
                .containsExactly(0, 0, 0, 0, 1, 1, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pairs.csv", "pairs.tsv", "pairs.jsonl"})
    void pairsComeInEveryFormat(String name) throws IOException {
        String text =
                name.endsWith("jsonl")
                        ? "{\"premise\": \"hello you\", \"hypothesis\": \"good day\","
                                + " \"label\": 1}\n"
                        : "premise,hypothesis,label\nhello you,good day,1\n"
                                .replace(',', name.endsWith("tsv") ? '\t' : ',');
        PrivateData data =
                PrivateData.open(
                        Settings.of(
                                write(name, text),
                                "columns.text",
                                "premise",
                                "columns.second-text",
                                "hypothesis",
                                "labels[1]",
                                "neutral"));

        Example pair =
                data.trainingExamples(Tokens.ENCODING, List.of("entailment", "neutral"), 0, null)
                        .getFirst();

        assertThat(pair.label()).isEqualTo(1);
        assertThat(pair.tokens())
                .isEqualTo(Tokens.TOKENIZER.encodePair("hello you", "good day", 32));
    }

    @Test
    void aByteOrderMarkAndAnotherDelimiterAreNoTrouble() throws IOException {
        Path file = write("mail.csv", "\uFEFFtext;label\r\nwin, money;spam\r\nlunch;ham\r\n");

        assertThat(wordsOf(Settings.of(file, "delimiter", ";")))
                .containsExactly("1 win money", "0 lunch");
    }

    @Test
    void otherCharsetsAreReadAsSuch() throws IOException {
        Path file = folder.resolve("mail.csv");
        Files.writeString(file, "text,label\nlunch,fête\n", StandardCharsets.ISO_8859_1);

        assertThat(PrivateData.open(Settings.of(file, "charset", "ISO-8859-1")).offer().labels())
                .containsExactly("fête");
    }

    private List<String> wordsOf(DataSettings settings) {
        return Tokens.words(
                        PrivateData.open(settings)
                                .trainingExamples(Tokens.ENCODING, HAM_OR_SPAM, 0, null))
                .stream()
                .map(words -> words.replace("[UNK]", "").replaceAll(" +", " ").strip())
                .toList();
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Path pack(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }
}
