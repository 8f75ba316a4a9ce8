package dev.espalier.registry.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link BlobStore} promises. A new store is done when its subclass of this is green.
 */
abstract class BlobStoreContract {

    private static final byte[] BYTES = randomBytes(300_000);
    private static final Digest DIGEST = Digest.of(BYTES);

    @TempDir private Path desk;

    /** A store that keeps things in {@code folder}, or ignores it where it keeps them elsewhere. */
    abstract BlobStore emptyStore(Path folder) throws IOException;

    @Test
    void givesBackWhatWasStored() throws IOException {
        BlobStore store = emptyStore(desk.resolve("store"));

        store.store(DIGEST, written("a"));

        assertThat(read(store, 0)).isEqualTo(BYTES);
        assertThat(store.size(DIGEST)).isEqualTo(OptionalLong.of(BYTES.length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 299_999, 300_000})
    void beginsWhereItIsAskedTo(int offset) throws IOException {
        BlobStore store = emptyStore(desk.resolve("store"));
        store.store(DIGEST, written("a"));

        assertThat(read(store, offset)).isEqualTo(Arrays.copyOfRange(BYTES, offset, BYTES.length));
    }

    @Test
    void knowsNothingOfWhatWasNeverStored() throws IOException {
        BlobStore store = emptyStore(desk.resolve("store"));

        assertThat(store.size(DIGEST)).isEmpty();
        assertThatThrownBy(() -> store.open(DIGEST, 0)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void storingTwiceIsStoringOnce() throws IOException {
        BlobStore store = emptyStore(desk.resolve("store"));

        store.store(DIGEST, written("a"));
        store.store(DIGEST, written("b"));

        assertThat(read(store, 0)).isEqualTo(BYTES);
    }

    @Test
    void storingAtTheSameTimeIsStoringOnce() throws Exception {
        BlobStore store = emptyStore(desk.resolve("store"));
        List<Callable<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Path file = written("writer-" + i);
            writers.add(() -> {
                store.store(DIGEST, file);
                return null;
            });
        }

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> writer : threads.invokeAll(writers)) {
                writer.get();
            }
        }

        assertThat(read(store, 0)).isEqualTo(BYTES);
    }

    @Test
    void anEmptyBlobIsABlob() throws IOException {
        BlobStore store = emptyStore(desk.resolve("store"));
        Digest empty = Digest.of(new byte[0]);

        store.store(empty, Files.createFile(desk.resolve("empty")));

        assertThat(store.size(empty)).isEqualTo(OptionalLong.of(0));
    }

    @Test
    void theLocalFileIsTheBlob() throws IOException {
        BlobStore store = emptyStore(desk.resolve("store"));
        store.store(DIGEST, written("a"));

        var file = store.localFile(DIGEST);

        if (file.isPresent()) {
            assertThat(file.get()).isAbsolute().hasBinaryContent(BYTES);
        }
    }

    @Test
    void readersOfOneBlobDoNotDisturbEachOther() throws IOException {
        BlobStore store = emptyStore(desk.resolve("store"));
        store.store(DIGEST, written("a"));

        try (InputStream first = store.open(DIGEST, 0);
                InputStream second = store.open(DIGEST, 1000)) {
            assertThat(second.read()).isEqualTo(BYTES[1000] & 0xff);
            assertThat(first.read()).isEqualTo(BYTES[0] & 0xff);
        }
    }

    private Path written(String name) throws IOException {
        return Files.write(desk.resolve(name), BYTES);
    }

    private static byte[] read(BlobStore store, long offset) throws IOException {
        try (InputStream in = store.open(DIGEST, offset)) {
            return in.readAllBytes();
        }
    }

    private static byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
