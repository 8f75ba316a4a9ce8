package dev.espalier.registry.blob;

import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where blobs lie for good. A blob is there whole or not at all, is written once and never changes;
 * so storing it twice, one after the other or at the same time, is storing it once.
 */
public interface BlobStore {

    /**
     * Keeps the bytes durably. Returns only when a crash can no longer take them away.
     *
     * @param digest of the bytes in {@code whole}; the caller has checked that
     * @param whole a local file which the store may move away or leave
     */
    void store(Digest digest, Path whole) throws IOException;

    /** Length in bytes; empty if there is no such blob. */
    OptionalLong size(Digest digest) throws IOException;

    /**
     * The bytes from {@code offset} on. The caller closes the stream.
     *
     * @param offset 0 to size; at size the stream is empty
     * @throws java.nio.file.NoSuchFileException there is no such blob
     */
    InputStream open(Digest digest, long offset) throws IOException;

    /** The blob as a file that the kernel can send by itself; empty where it is no local file. */
    Optional<Path> localFile(Digest digest);
}
