package dev.espalier.registry.blob;

import dev.espalier.protocol.Digest;
import dev.espalier.transfer.StagedUpload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Unfinished uploads. Each blob has one file here that can be taken up again, used by one request
 * at a time; whoever finds it in use gets a file of its own, which does not outlive the request.
 */
final class StagingArea {

    private final Path folder;
    private final Supplier<UUID> names;
    private final Set<Path> inUse = ConcurrentHashMap.newKeySet();

    StagingArea(Path folder, Supplier<UUID> names) {
        this.folder = created(folder.toAbsolutePath());
        this.names = names;
    }

    /** Bytes that can be gone on from; 0 where nothing came yet. */
    long offset(Digest digest) throws IOException {
        return StagedUpload.at(resumable(digest)).offset();
    }

    /** The file to go on with; empty while another request uses it. */
    Optional<Place> resume(Digest digest) {
        Path file = resumable(digest);
        return inUse.add(file) ? Optional.of(new Place(file, false)) : Optional.empty();
    }

    /** An empty file, which can be taken up again later where nobody else has begun one. */
    Place fresh(Digest digest) throws IOException {
        Optional<Place> shared = resume(digest);
        if (shared.isPresent() && shared.get().upload().offset() == 0) {
            return shared.get();
        }
        shared.ifPresent(place -> inUse.remove(place.file));
        Path file = folder.resolve(digest + "." + names.get() + ".part");
        inUse.add(file);
        return new Place(file, true);
    }

    /**
     * Deletes what nobody has added to since {@code then}.
     *
     * @return how many uploads were given up
     */
    int sweep(Instant then) throws IOException {
        int swept = 0;
        for (Path file : files()) {
            if (inUse.add(file)) {
                try {
                    swept += isOlder(file, then) && Files.deleteIfExists(file) ? 1 : 0;
                } finally {
                    inUse.remove(file);
                }
            }
        }
        return swept;
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (var listing = Files.newDirectoryStream(folder, "*.part")) {
            listing.forEach(files::add);
        }
        return files;
    }

    private static boolean isOlder(Path file, Instant then) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(then);
        } catch (NoSuchFileException finishedMeanwhile) {
            return false;
        }
    }

    private Path resumable(Digest digest) {
        return folder.resolve(digest + ".part");
    }

    private static Path created(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot stage uploads in " + folder, e);
        }
    }

    /** One request's hold on a staged file, given up by closing. */
    final class Place implements AutoCloseable {

        private final Path file;
        private final boolean passing;

        private Place(Path file, boolean passing) {
            this.file = file;
            this.passing = passing;
        }

        StagedUpload upload() {
            return StagedUpload.at(file);
        }

        @Override
        public void close() throws IOException {
            try {
                if (passing) {
                    Files.deleteIfExists(file);
                }
            } finally {
                inUse.remove(file);
            }
        }
    }
}
