package dev.espalier.agent.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadBookTest {

    @TempDir Path folder;

    @Test
    void aFileCountsOnceHoweverManyVersionsHoldIt() throws IOException {
        DownloadBook book = new DownloadBook(folder.resolve("downloads"));

        assertThat(book.enter(version("weights", "tokenizer"))).isEqualTo(16);
        assertThat(book.enter(version("weights", "tokenizer"))).isZero();
        assertThat(book.enter(version("more", "tokenizer"))).isEqualTo(4);
    }

    @Test
    void theBookOutlivesTheProcess() throws IOException {
        new DownloadBook(folder.resolve("downloads")).enter(version("weights"));

        assertThat(new DownloadBook(folder.resolve("downloads")).enter(version("weights")))
                .isZero();
    }

    @Test
    void aLineThatACrashCutShortCountsAgain() throws IOException {
        Files.writeString(
                folder.resolve("downloads"),
                digest("weights").hex().substring(0, 20) + "\n",
                StandardOpenOption.CREATE);

        assertThat(new DownloadBook(folder.resolve("downloads")).enter(version("weights")))
                .isEqualTo(7);
    }

    private static VersionManifest version(String... contents) {
        var files =
                Stream.of(contents)
                        .map(text -> new VersionFile(text + ".bin", digest(text), text.length()))
                        .toList();
        return new VersionManifest(
                new ModelName("any"),
                1,
                VersionKind.BASE,
                VersionManifest.digestOf(files),
                files,
                null,
                null,
                null,
                Instant.EPOCH);
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
