package dev.espalier.agent.model;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files behind {@link VersionCache}: laid out, counted, thrown away. */
final class CacheFolder {

    private static final Logger log = LoggerFactory.getLogger(CacheFolder.class);

    private final Path blobs;
    private final Path versions;
    private final long mostBytes;
    private final Map<Digest, Pin> pins = new HashMap<>();

    private record Pin(VersionManifest manifest, int users) {}

    CacheFolder(Path folder, long mostBytes) throws IOException {
        this.blobs = Files.createDirectories(folder.toAbsolutePath().resolve("blobs"));
        this.versions = Files.createDirectories(folder.toAbsolutePath().resolve("versions"));
        this.mostBytes = mostBytes;
    }

    Path blob(Digest digest) {
        return blobs.resolve(digest.hex());
    }

    /** Keeps a version and its blobs from being thrown away. */
    synchronized void pin(VersionManifest manifest) {
        pins.merge(
                manifest.digest(),
                new Pin(manifest, 1),
                (held, one) -> new Pin(held.manifest(), held.users() + 1));
    }

    synchronized void unpin(VersionManifest manifest) {
        pins.computeIfPresent(
                manifest.digest(),
                (digest, held) ->
                        held.users() == 1 ? null : new Pin(held.manifest(), held.users() - 1));
    }

    /** The version as a folder; all its blobs must be there. */
    synchronized Path lay(VersionManifest manifest) throws IOException {
        Path version = versions.resolve(manifest.digest().hex());
        Path files = version.resolve("files");
        Path list = version.resolve("blobs");
        if (Files.exists(list)) { // written last
            return files;
        }
        for (VersionFile file : manifest.files()) {
            link(files.resolve(file.path()), blob(file.digest()));
        }
        List<String> digests = manifest.files().stream().map(file -> file.digest().hex()).toList();
        Path draft = Files.write(version.resolve("blobs.new"), digests);
        Files.move(draft, list, StandardCopyOption.ATOMIC_MOVE);
        return files;
    }

    synchronized void used(VersionManifest manifest, FileTime now) throws IOException {
        Path list = versions.resolve(manifest.digest().hex()).resolve("blobs");
        Files.setLastModifiedTime(list, now);
    }

    /** Throws away what was used least lately until the rest fits. */
    synchronized void shrink() throws IOException {
        List<Path> oldestFirst = new ArrayList<>(unpinned());
        oldestFirst.sort(Comparator.comparing(CacheFolder::lastUsed));
        for (Path version : oldestFirst) {
            if (size() <= mostBytes) {
                return;
            }
            delete(version);
            dropUnreferencedBlobs();
            log.info("version evicted digest={}", version.getFileName());
        }
    }

    private static void link(Path file, Path blob) throws IOException {
        Files.createDirectories(file.getParent());
        try {
            Files.createLink(file, blob);
        } catch (FileAlreadyExistsException linkedBeforeACrash) {
            // the blob under that name never changes
        } catch (UnsupportedOperationException noLinksHere) {
            Files.copy(blob, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private List<Path> unpinned() throws IOException {
        return list(versions).stream()
                .filter(version -> !pins.containsKey(new Digest(name(version))))
                .toList();
    }

    private void dropUnreferencedBlobs() throws IOException {
        Set<String> referenced = new HashSet<>();
        for (Path version : list(versions)) {
            Path list = version.resolve("blobs");
            if (Files.exists(list)) {
                referenced.addAll(Files.readAllLines(list));
            }
        }
        pins.values().stream()
                .flatMap(pin -> pin.manifest().files().stream())
                .forEach(file -> referenced.add(file.digest().hex()));
        for (Path blob : list(blobs)) {
            if (!referenced.contains(name(blob).replace(".part", ""))) {
                Files.deleteIfExists(blob);
            }
        }
    }

    private long size() throws IOException {
        long size = 0;
        for (Path blob : list(blobs)) {
            size += Files.size(blob);
        }
        return size;
    }

    private static FileTime lastUsed(Path version) {
        try {
            return Files.getLastModifiedTime(version.resolve("blobs"));
        } catch (IOException neverFinished) {
            return FileTime.fromMillis(0);
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve("blobs")); // first, so that it is not taken for whole
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
