package dev.espalier.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One published version. Never changes.
 *
 * @param digest content address of the whole version: see {@link #digestOf}
 * @param files in ascending order of path
 */
public record VersionManifest(
        ModelName model,
        int number,
        VersionKind kind,
        Digest digest,
        List<VersionFile> files,
        @Nullable VersionRef base,
        @Nullable Lineage lineage,
        @Nullable ModelStructure structure,
        Instant createdAt) {

    public VersionManifest {
        files = files.stream().sorted(Comparator.comparing(VersionFile::path)).toList();
    }

    /**
     * SHA-256 over the lines {@code digest SPACE size SPACE path LF}, in ascending order of path.
     */
    public static Digest digestOf(Collection<VersionFile> files) {
        String lines =
                files.stream()
                        .sorted(Comparator.comparing(VersionFile::path))
                        .map(file -> file.digest() + " " + file.size() + " " + file.path() + "\n")
                        .collect(Collectors.joining());
        return Digest.of(lines.getBytes(StandardCharsets.UTF_8));
    }

    @JsonIgnore
    public VersionRef ref() {
        return new VersionRef(model, number);
    }

    public Optional<VersionFile> file(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }

    /** Sum of all file sizes, in bytes. */
    @JsonIgnore
    public long bytes() {
        return files.stream().mapToLong(VersionFile::size).sum();
    }
}
