package dev.espalier.local.federation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The one folder in which a federation on this machine keeps everything; delete it to forget. */
public record HomeFolder(Path root) {

    public HomeFolder {
        root = root.toAbsolutePath().normalize();
    }

    public Path postgres() {
        return root.resolve("postgresql");
    }

    public Path logs() {
        return root.resolve("logs");
    }

    /** What was fetched once and is kept. */
    public Path cache() {
        return root.resolve("cache");
    }

    /** Base models as Hugging Face folders. */
    public Path models() {
        return root.resolve("models");
    }

    /** Texts, a file for every agent. */
    public Path data() {
        return root.resolve("data");
    }

    /** What came of the jobs. */
    public Path results() {
        return root.resolve("results");
    }

    /** Files of a part's own. */
    public Path of(Part part) {
        return root.resolve(part.program());
    }

    /**
     * Keeps other processes out until it is closed; the system frees it when the process ends.
     *
     * @throws IOException if another process uses the folder
     */
    public Lock lock() throws IOException {
        Files.createDirectories(root);
        FileChannel file =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (file.tryLock() != null) {
                return new Lock(file);
            }
        } catch (OverlappingFileLockException heldHere) {
            // answered below, like a lock that another process holds
        }
        file.close();
        throw new IOException(
                root + " is in use by another espalier; end that one, or name another --home");
    }

    /** The right to use a folder, until it is closed. */
    public static final class Lock implements AutoCloseable {

        private final FileChannel file;

        private Lock(FileChannel file) {
            this.file = file;
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
