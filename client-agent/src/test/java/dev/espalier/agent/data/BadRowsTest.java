package dev.espalier.agent.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * The word {@value #CANARY} stands for the owner's secrets: wherever it shows, something leaked.
 */
@ExtendWith(OutputCaptureExtension.class)
class BadRowsTest {

    private static final String CANARY = "canary";

    @TempDir private Path folder;

    @Test
    void badCsvRowsAreNamedByTheirLine(CapturedOutput output) throws IOException {
        Path file =
                write(
                        "mail.csv",
                        """
                        text,label
                        lunch,ham
                        canary
                        ,ham
                        canary,
                        "canary
                        money,spam
                        canary "inside" quotes,spam
                        "canary" trailing,spam
                        """);

        PrivateData data = PrivateData.open(Settings.of(file, "max-bad-rows", "1"));

        assertThat(data.offer().trainRows()).isEqualTo(3);
        assertThat(output)
                .contains("no text (1, at 4)")
                .contains("no label (1, at 5)")
                .contains("too few columns (1, at 3)")
                .contains("quotes do not match (2, at 6, 9)")
                .doesNotContain(CANARY);
    }

    @Test
    void badJsonLinesAreNamedByTheirLine(CapturedOutput output) throws IOException {
        Path file =
                write(
                        "mail.jsonl",
                        """
                        {"text": "lunch", "label": "ham"}
                        {"text": "canary", "label": "ham"
                        ["canary"]
                        {"text": {"canary": "canary"}, "label": "ham"}
                        {"label": "canary"}
                        """);

        PrivateData data = PrivateData.open(Settings.of(file, "max-bad-rows", "1"));

        assertThat(data.offer().trainRows()).isEqualTo(1);
        assertThat(output)
                .contains("not a JSON object (2, at 2, 3)")
                .contains("a field is not a text (1, at 4)")
                .contains("no text (1, at 5)")
                .doesNotContain(CANARY);
    }

    @Test
    void filesAreNamedByNumberBecauseTheirNamesMaySayMuch(CapturedOutput output)
            throws IOException {
        write("ham/canary.txt", " ");
        write("ham/lunch.txt", "lunch");

        PrivateData.open(Settings.of(folder, "max-bad-rows", "1"));

        assertThat(output).contains("no text (1, at 1)").doesNotContain(CANARY);
    }

    @Test
    void aLabelThatIsNotMappedIsABadRowAndOneMappedToNothingIsLeftOut(CapturedOutput output)
            throws IOException {
        Path file = write("mail.csv", "text,label\nlunch,0\nmoney,1\ncash,2\nwin,canary\n");

        PrivateData data =
                PrivateData.open(
                        Settings.of(
                                file,
                                "max-bad-rows",
                                "1",
                                "labels[0]",
                                "ham",
                                "labels[1]",
                                "spam",
                                "labels[2]",
                                ""));

        assertThat(data.offer().trainRows()).isEqualTo(2);
        assertThat(data.offer().labels()).containsExactly("ham", "spam");
        assertThat(output).contains("label is not in the label map (1, at 5)");
        assertThat(output).doesNotContain(CANARY);
    }

    @Test
    void aPairWithoutItsSecondTextAndATextWithoutItsTargetAreBadRows(CapturedOutput output)
            throws IOException {
        Path pairs = write("pairs.csv", "text,b,label\nlunch,canary,ham\ncanary,,ham\n");
        Path targets = write("targets.tsv", "text\ttarget\nlunch\tcanary\ncanary\t \n");

        PrivateData.open(Settings.of(pairs, "max-bad-rows", "1", "columns.second-text", "b"));
        PrivateData.open(Settings.of(targets, "max-bad-rows", "1", "task", "TEXT_TO_TEXT"));

        assertThat(output)
                .contains("no text (1, at 3)")
                .contains("no text to write (1, at 3)")
                .doesNotContain(CANARY);
    }

    @Test
    void aFolderHoldsNeitherPairsNorTargets() throws IOException {
        write("ham/lunch.txt", "lunch");

        refused(Settings.of(folder, "columns.second-text", "b")).hasMessageContaining("no pairs");
        refused(Settings.of(folder, "task", "TEXT_TO_TEXT"))
                .hasMessageContaining("no texts to write");
    }

    @Test
    void aMissingTargetColumnIsRefusedByItsSetting() throws IOException {
        Path file = write("mail.csv", "text,label\ncanary,ham\n");

        assertThatThrownBy(() -> PrivateData.open(Settings.of(file, "task", "TEXT_TO_TEXT")))
                .hasMessageContaining("none is 'target'")
                .satisfies(e ->
                        assertThat(((DataUnusableException) e).action())
                                .contains("columns.target"));
    }

    @Test
    void tooManyBadRowsAreRefused() throws IOException {
        Path file = write("mail.csv", "text,label\nlunch,ham\ncanary\n");

        refused(Settings.of(file, "max-bad-rows", "0.49"))
                .hasMessageContaining("of 2 rows")
                .hasMessageContaining("too few columns (1, at 3)");
    }

    @Test
    void aMissingColumnIsRefusedAndTheHeaderIsNotQuotedForItMayBeARow() throws IOException {
        Path file = write("mail.csv", "lunch canary,ham\nmoney canary,spam\n");

        refused(Settings.of(file))
                .hasMessageContaining("of the 2 columns")
                .hasMessageContaining("none is 'text'");
    }

    @Test
    void aJsonFieldThatIsNeverThereIsRefused() throws IOException {
        Path file = write("mail.jsonl", "{\"canary\": \"canary\", \"label\": \"ham\"}\n");

        refused(Settings.of(file)).hasMessageContaining("has a field 'text'");
    }

    @Test
    void aWrongLabelColumnDoesNotMakeLabelsOfTexts() throws IOException {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 20; i++) {
            rows.append("ham,canary number ").append(i).append('\n');
        }

        refused(Settings.of(write("mail.csv", rows.toString())))
                .hasMessageContaining("20 different values in 20 rows");
    }

    @Test
    void aMissingFileIsRefused() {
        refused(Settings.of(folder.resolve("nowhere.csv"))).hasMessageContaining("nowhere.csv");
    }

    @Test
    void aFileThatIsNotPackedThoughItsNameSaysSoIsRefused() throws IOException {
        refused(Settings.of(write("mail.csv.gz", "canary"))).hasMessageContaining("mail.csv.gz");
    }

    @Test
    void aTruncatedPackedFileIsRefused() throws IOException {
        byte[] packed = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 42};
        Path file = Files.write(folder.resolve("mail.csv.gz"), packed);

        refused(Settings.of(file)).hasMessageContaining("cannot be read to its end");
    }

    @Test
    void aFolderWithoutMatchingFilesIsRefused() {
        refused(Settings.of(folder)).hasMessageContaining("no file in the folder");
    }

    @Test
    void oddBytesDoNotCostTheRow() throws IOException {
        Path file = folder.resolve("mail.csv");
        Files.write(file, "text,label\nlunch \u00ff,ham\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(PrivateData.open(Settings.of(file)).offer().trainRows()).isEqualTo(1);
    }

    @Test
    void nothingOfARowPrints() throws IOException {
        PrivateText text = new PrivateText(CANARY);

        assertThat(new Row(text, text, new Answer.Target(text)).toString()).doesNotContain(CANARY);
        assertThat(new RawRow(1, text, text, text, text).toString()).doesNotContain(CANARY);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(DataSettings settings) {
        return assertThatThrownBy(() -> PrivateData.open(settings))
                .isInstanceOf(DataUnusableException.class)
                .hasMessageStartingWith("Data 'mail'")
                .hasNoCause()
                .satisfies(e -> assertThat(e.toString()).doesNotContain(CANARY))
                .satisfies(e -> assertThat(((DataUnusableException) e).action()).isNotBlank());
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
