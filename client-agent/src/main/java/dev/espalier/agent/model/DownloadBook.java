package dev.espalier.agent.model;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which files one agent has had, a digest a line. The agents of one JVM share their downloads; the
 * book lets each count what it would have fetched alone, so that the bytes of a federation do not
 * depend on how many of its agents happen to share a machine.
 */
public final class DownloadBook {

    private final Path file;

    public DownloadBook(Path file) {
        this.file = file;
    }

    /**
     * Enters a version.
     *
     * @return bytes of those of its files that were not in the book
     */
    public synchronized long enter(VersionManifest manifest) throws IOException {
        Set<Digest> known = known();
        List<VersionFile> fresh =
                manifest.files().stream().filter(found -> known.add(found.digest())).toList();
        Files.write(
                file,
                fresh.stream().map(found -> found.digest().hex()).toList(),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return fresh.stream().mapToLong(VersionFile::size).sum();
    }

    private Set<Digest> known() throws IOException {
        Set<Digest> known = new HashSet<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                if (line.length() == 64) { // a line that a crash cut short counts again
                    known.add(new Digest(line));
                }
            }
        }
        return known;
    }
}
