package dev.espalier.agent.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.job.TaskKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that are texts alone, to be continued: joined, and cut into windows. */
class RunningTextTest {

    private static final TextTokenizer TOKENIZER = tokenizer();
    private static final TextEncoding WINDOWS_OF_5 =
            new TextEncoding(TOKENIZER, Digest.of(new byte[] {2}), 5);
    private static final String DOG = "the dog runs home .";
    private static final String CAT = "the cat sleeps away .";
    private static final String FOX = "the fox hides below .";

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"a.csv", "a.tsv", "a.jsonl"})
    void theyComeInEveryFormatWithoutALabel(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(
                file,
                name.endsWith("jsonl")
                        ? "{\"text\": \"%s\"}\n{\"text\": \"%s\"}\n".formatted(DOG, CAT)
                        : "text\n%s\n%s\n".formatted(DOG, CAT));

        PrivateData data = open(file);

        assertThat(data.offer().task()).isEqualTo(TaskKind.CAUSAL_LANGUAGE_MODELLING);
        assertThat(data.offer().labels()).isEmpty();
        assertThat(data.offer().trainRows()).isEqualTo(2);
        assertThat(words(data.trainingWindows(WINDOWS_OF_5, 0, null)))
                .containsExactly("<s> the dog runs home", ". the cat sleeps away");
    }

    @Test
    void everyFileOfAFolderIsAText() throws IOException {
        Files.createDirectories(folder.resolve("texts/deeper"));
        Files.writeString(folder.resolve("texts/b.txt"), CAT);
        Files.writeString(folder.resolve("texts/a.txt"), DOG);
        Files.writeString(folder.resolve("texts/deeper/c.txt"), FOX);

        PrivateData data = open(folder.resolve("texts"));

        assertThat(data.offer().trainRows()).isEqualTo(3);
        assertThat(words(data.trainingWindows(WINDOWS_OF_5, 0, null)))
                .containsExactly(
                        "<s> the dog runs home", ". the cat sleeps away", ". the fox hides below");
    }

    @Test
    void textsAreReadAsOneWithAnEmptyLineBetween() throws IOException {
        PrivateData data = open(lines(DOG, CAT, FOX));

        assertThat(data.trainingWindows(WINDOWS_OF_5, 0, null))
                .isEqualTo(
                        LanguageExample.windows(
                                TOKENIZER.encode(DOG + "\n\n" + CAT + "\n\n" + FOX).ids(), 5));
    }

    @Test
    void nothingIsPaddedAndAllButTheLastRestIsThere() throws IOException {
        PrivateData data = open(lines(DOG, CAT, FOX));

        assertThat(data.trainingWindows(windowsOf(6), 0, null))
                .hasSize(2)
                .allSatisfy(window -> {
                    assertThat(window.tokens().length()).isEqualTo(6);
                    assertThat(window.predictions()).isEqualTo(5);
                });
        assertThat(data.trainingWindows(windowsOf(17), 0, null)).isEmpty();
    }

    @Test
    void someWindowsAreDrawnBySeedInTheirOrder() throws IOException {
        PrivateData data = open(lines(DOG, CAT, FOX, DOG, CAT, FOX, DOG, CAT));
        List<LanguageExample> all = data.trainingWindows(WINDOWS_OF_5, 0, null);

        List<LanguageExample> drawn = data.trainingWindows(WINDOWS_OF_5, 1, 3);

        assertThat(drawn).hasSize(3).isEqualTo(data.trainingWindows(WINDOWS_OF_5, 1, 3));
        assertThat(all).containsSubsequence(drawn);
        assertThat(List.of(1L, 2L, 3L, 4L))
                .anySatisfy(seed ->
                        assertThat(data.trainingWindows(WINDOWS_OF_5, seed, 3))
                                .isNotEqualTo(drawn));
    }

    @Test
    void heldOutTextsAreWindowsOfTheirOwn() throws IOException {
        Path other = folder.resolve("other.jsonl");
        Files.writeString(other, "{\"text\": \"%s\"}\n".formatted(FOX));

        PrivateData data = open(lines(DOG, CAT), "held-out.path", other.toString());

        assertThat(data.offer().heldOutRows()).isEqualTo(1);
        assertThat(words(data.heldOutWindows(WINDOWS_OF_5)))
                .containsExactly("<s> the fox hides below");
        assertThat(words(data.trainingWindows(WINDOWS_OF_5, 0, null)))
                .noneMatch(window -> window.contains("fox"));
    }

    @Test
    void longTextIsReadInPiecesOfWholeTexts() {
        List<Row> rows =
                List.of(DOG, CAT, FOX).stream()
                        .map(text -> new Row(new PrivateText(text), null, new Answer.Itself()))
                        .toList();
        int twoTexts = DOG.length() + CAT.length() + 2;

        RunningText pieces = new RunningText(rows, twoTexts);

        assertThat(words(pieces.windows(WINDOWS_OF_5, new int[] {0, 1, 2})))
                .containsExactly(
                        "<s> the dog runs home", ". the cat sleeps away", ". <s> the fox hides");
        assertThat(new RunningText(rows, 1).windows(WINDOWS_OF_5)).isEqualTo(18 / 5);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "labels.a, b, labels must be empty",
        "columns.second-text, text, columns.second-text cannot be set"
    })
    void whatOnlyOtherTasksHaveIsRefused(String setting, String value, String reason)
            throws IOException {
        Path file = lines(DOG);

        assertThatThrownBy(() -> open(file, setting, value))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .rootCause()
                .hasMessageContaining(reason);
    }

    private Path lines(String... texts) throws IOException {
        Path file = folder.resolve("texts.tsv");
        return Files.writeString(file, "text\n" + String.join("\n", texts) + "\n");
    }

    private static PrivateData open(Path path, String... more) {
        String[] settings = new String[more.length + 2];
        settings[0] = "task";
        settings[1] = "CAUSAL_LANGUAGE_MODELLING";
        System.arraycopy(more, 0, settings, 2, more.length);
        return PrivateData.open(Settings.of(path, settings));
    }

    private static TextEncoding windowsOf(int tokens) {
        return WINDOWS_OF_5.cutTo(tokens);
    }

    private static List<String> words(List<LanguageExample> windows) {
        return windows.stream()
                .map(window -> TOKENIZER.decode(window.tokens().ids(), false))
                .toList();
    }

    private static TextTokenizer tokenizer() {
        try {
            return TextTokenizer.open(Path.of("src/test/resources/tiny-llama/tokenizer.json"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
