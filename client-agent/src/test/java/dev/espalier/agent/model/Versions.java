package dev.espalier.agent.model;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Makes versions of folders, as a registry would. */
public final class Versions {

    private Versions() {}

    public static VersionManifest base(VersionRef ref, Path folder) throws IOException {
        return manifest(ref, VersionKind.BASE, folder, null, ModelStructures.describe(folder));
    }

    public static VersionManifest adapter(VersionRef ref, Path folder, VersionRef base) {
        return manifest(ref, VersionKind.ADAPTER, folder, base, null);
    }

    static VersionManifest manifest(
            VersionRef ref,
            VersionKind kind,
            Path folder,
            VersionRef base,
            ModelStructure structure) {
        List<VersionFile> files = files(folder);
        return new VersionManifest(
                ref.model(),
                ref.number(),
                kind,
                VersionManifest.digestOf(files),
                files,
                base,
                null,
                structure,
                Instant.EPOCH);
    }

    private static List<VersionFile> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> {
                        byte[] bytes = read(file);
                        String path = folder.relativize(file).toString();
                        return new VersionFile(path, Digest.of(bytes), bytes.length);
                    })
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
