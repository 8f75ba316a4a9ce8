package dev.espalier.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** The folder that is one agent's memory, held by one process at a time. */
final class AgentHome implements AutoCloseable {

    private final Path folder;
    private final FileChannel lock;

    private AgentHome(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * @throws InvalidConfigurationPropertyValueException if another process lives there
     */
    static AgentHome open(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        FileChannel lock =
                FileChannel.open(
                        folder.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        if (tryLock(lock) == null) {
            lock.close();
            throw new InvalidConfigurationPropertyValueException(
                    "espalier.home",
                    folder,
                    "another process uses this folder; give each agent a home of its own");
        }
        return new AgentHome(folder, lock);
    }

    private static @Nullable FileLock tryLock(FileChannel lock) throws IOException {
        try {
            return lock.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    Path secret() {
        return folder.resolve("secret");
    }

    Path downloads() {
        return folder.resolve("downloads");
    }

    Path ownAdapters() {
        return folder.resolve("own-adapters");
    }

    Path journal() {
        return folder.resolve("journal");
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
