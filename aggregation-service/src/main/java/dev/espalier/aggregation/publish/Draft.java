package dev.espalier.aggregation.publish;

import dev.espalier.protocol.model.VersionFile;
import dev.espalier.transfer.Digests;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.util.FileSystemUtils;

/** The folder in which a version is made; gone when it is closed. */
final class Draft implements Closeable {

    private final Path folder;
    private final List<VersionFile> taken = new ArrayList<>();

    private Draft(Path folder) {
        this.folder = folder;
    }

    static Draft in(Path drafts) throws IOException {
        return new Draft(Files.createTempDirectory(Files.createDirectories(drafts), "version-"));
    }

    /** Where to write a file. */
    Path file(String name) {
        return folder.resolve(name);
    }

    /** Adds a file that the registry holds already. */
    void take(VersionFile file) {
        taken.add(file);
    }

    /** What was written here, ready to be uploaded. */
    Map<VersionFile, Path> written() throws IOException {
        Map<VersionFile, Path> files = new LinkedHashMap<>();
        try (var all = Files.list(folder)) {
            for (Path path : all.sorted().toList()) {
                String name = path.getFileName().toString();
                files.put(new VersionFile(name, Digests.of(path), Files.size(path)), path);
            }
        }
        return files;
    }

    /** All files of the version. */
    List<VersionFile> files(Map<VersionFile, Path> written) {
        List<VersionFile> all = new ArrayList<>(taken);
        all.addAll(written.keySet());
        return all;
    }

    @Override
    public void close() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }
}
