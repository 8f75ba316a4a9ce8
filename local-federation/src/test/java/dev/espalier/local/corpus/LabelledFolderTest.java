package dev.espalier.local.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledFolderTest {

    @TempDir Path folder;

    @Test
    void aSubfolderIsALabelAndAFileAText() throws IOException {
        write("ham/1.txt", "The pears took well.\n\nTie the leader first.");
        write("ham/2.eml", "X-Spam-Status: No\nSubject: [List] Quinces\n\nTomorrow at nine.");
        write("spam/1", "Tulips at half price");
        write("spam/2", "  \n");
        write(".hidden/1", "nothing");

        assertThat(LabelledFolder.read(folder))
                .containsExactly(
                        new LabelledText(
                                "ham/1.txt", "ham", "The pears took well. Tie the leader first."),
                        new LabelledText("ham/2.eml", "ham", "Quinces Tomorrow at nine."),
                        new LabelledText("spam/1", "spam", "Tulips at half price"));
    }

    @Test
    void aLineOfJsonIsAText() throws IOException {
        write(
                "train.jsonl",
                """
                {"text": "good", "label": "pos"}

                {"label": "neg", "text": "bad", "id": 7}
                """);

        assertThat(LabelledFolder.read(folder))
                .containsExactly(
                        new LabelledText("train.jsonl:1", "pos", "good"),
                        new LabelledText("train.jsonl:3", "neg", "bad"));
    }

    @Test
    void aBrokenLineIsNamedAndNotQuoted() throws IOException {
        write("train.jsonl", "{\"text\": \"secret");

        assertThatThrownBy(() -> LabelledFolder.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessage("train.jsonl:1 is not a line of JSON")
                .hasNoCause();
    }

    @Test
    void aLineWithoutALabelIsNamed() throws IOException {
        write("train.jsonl", "{\"text\": \"secret\"}");

        assertThatThrownBy(() -> LabelledFolder.read(folder))
                .hasMessage("train.jsonl:1 has no text in \"label\"");
    }

    @Test
    void oneLabelIsNothingToLearn() throws IOException {
        write("ham/1", "text");

        assertThatThrownBy(() -> LabelledFolder.read(folder)).hasMessageContaining("at least two");
    }

    @Test
    void whatIsWrittenForAnAgentIsReadBackTheSame() throws IOException {
        List<LabelledText> texts =
                List.of(
                        new LabelledText("a.jsonl:1", "ham", "Äpfel \"und\" Quitten"),
                        new LabelledText("a.jsonl:2", "spam", "back\\slash"));

        AgentFile.write(folder.resolve("a.jsonl"), texts);

        assertThat(LabelledFolder.read(folder)).isEqualTo(texts);
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
