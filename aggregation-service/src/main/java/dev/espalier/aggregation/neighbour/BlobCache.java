package dev.espalier.aggregation.neighbour;

import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Files of the registry under their digest. What is here was verified when it came and never
 * changes, so it is used without asking; what nobody used for long is deleted.
 */
final class BlobCache {

    /** Brings the bytes to the target, whole and verified, or throws. */
    @FunctionalInterface
    interface Source {
        void fetchTo(Path target) throws IOException;
    }

    private final Path folder;
    private final ReentrantLock[] fetching = new ReentrantLock[64];

    /**
     * @param folder this process's own; created when it is missing
     */
    BlobCache(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        Arrays.setAll(fetching, i -> new ReentrantLock());
    }

    /** One fetches, others that want the same file wait for it. */
    Path get(Digest digest, Instant now, Source source) throws IOException {
        ReentrantLock lock = fetching[Math.floorMod(digest.hashCode(), fetching.length)];
        lock.lock();
        try {
            Path file = folder.resolve(digest.hex());
            if (!Files.exists(file)) {
                source.fetchTo(file);
            }
            Files.setLastModifiedTime(file, FileTime.from(now));
            return file;
        } finally {
            lock.unlock();
        }
    }

    /** Deletes files and says how many. */
    int forgetUnusedSince(Instant limit) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        int deleted = 0;
        for (Path file : files) {
            deleted += isOlder(file, limit) && Files.deleteIfExists(file) ? 1 : 0;
        }
        return deleted;
    }

    private static boolean isOlder(Path file, Instant limit) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
        } catch (NoSuchFileException gone) {
            return false;
        }
    }
}
