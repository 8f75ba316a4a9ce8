package dev.espalier.postgres;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A server's data folder, claimed by this process. The claim ends with the process however it ends,
 * so a server that is found on a claimed folder was left by a dead process and may be ended.
 */
record DataFolder(Path path, FileChannel claim) implements AutoCloseable {

    static DataFolder claim(Path path) throws IOException {
        Files.createDirectories(path);
        Path lockFile = path.resolveSibling(path.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(lockFile, CREATE, WRITE);
        if (lockOrNull(channel) == null) {
            channel.close();
            throw new IllegalStateException(
                    "another process uses the database in %s: stop it, or set espalier.postgres.data-dir to another folder"
                            .formatted(path));
        }
        return new DataFolder(path, channel);
    }

    private static @Nullable FileLock lockOrNull(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldInThisProcess) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            claim.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
