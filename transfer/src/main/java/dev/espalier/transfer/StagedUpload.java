package dev.espalier.transfer;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that grows piece by piece in a staging folder until it is whole. Its length on disk is its
 * offset, so it survives a restart; one request at a time writes to it.
 */
public final class StagedUpload {

    private static final int BUFFER = 256 * 1024;

    private final Path file;

    private StagedUpload(Path file) {
        this.file = file;
    }

    /**
     * @param file need not exist yet; its folder must
     */
    public static StagedUpload at(Path file) {
        return new StagedUpload(file);
    }

    public Path file() {
        return file;
    }

    public boolean exists() {
        return Files.exists(file);
    }

    /** Bytes that are there: where the next piece must begin. */
    public long offset() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /**
     * Appends a piece. What came of a body that broke off is kept.
     *
     * @param offset where the sender believes the file ends; 0 on a file that has bytes is a fresh
     *     start and empties it only through {@link #delete()}
     * @param announced length of the body; negative if unknown
     * @param maxBytes largest length of the whole file
     * @return bytes that are there now
     * @throws OffsetMismatchException the file ends elsewhere, or another request is writing to it
     * @throws TooLargeException before or while reading; the file then keeps only what is allowed
     * @throws IncompleteBodyException the body ended before its announced length
     */
    public long append(long offset, InputStream body, long announced, long maxBytes)
            throws IOException {
        if (offset + Math.max(announced, 0) > maxBytes) {
            throw new TooLargeException(maxBytes);
        }
        try (FileChannel out = FileChannel.open(file, CREATE, WRITE, READ);
                FileLock lock = lockOrNull(out)) {
            if (lock == null || out.size() != offset) {
                throw new OffsetMismatchException(offset, out.size());
            }
            long came = copy(body, out.position(offset), offset, maxBytes);
            if (announced >= 0 && came != announced) {
                throw new IncompleteBodyException(announced, came);
            }
            return offset + came;
        }
    }

    /** Reads the whole file. */
    public Digest digest() throws IOException {
        return Digests.of(file);
    }

    /** Makes the file durable under its final name, at once and whole. */
    public void moveTo(Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
            channel.force(true);
        }
        Files.move(
                file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder(target);
    }

    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    /** A rename is durable only once its folder is. */
    private static void forceFolder(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, READ)) {
                channel.force(true);
            }
        }
    }

    private static @Nullable FileLock lockOrNull(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldInThisProcess) {
            return null;
        }
    }

    private static long copy(InputStream body, FileChannel out, long offset, long maxBytes)
            throws IOException {
        byte[] buffer = new byte[BUFFER];
        long came = 0;
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            if (offset + came + read > maxBytes) {
                throw new TooLargeException(maxBytes);
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            came += read;
        }
        return came;
    }
}
