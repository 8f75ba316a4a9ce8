package dev.espalier.registry.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest extends BlobStoreContract {

    @TempDir private Path folder;

    @Override
    BlobStore emptyStore(Path where) {
        return new FileBlobStore(where);
    }

    @Test
    void anotherStoreOnTheSameFolderFindsTheBlobs() throws IOException {
        byte[] bytes = {1, 2, 3};
        Digest digest = Digest.of(bytes);
        new FileBlobStore(folder).store(digest, Files.write(folder.resolve("new"), bytes));

        assertThat(new FileBlobStore(folder).size(digest)).hasValue(3);
    }

    @Test
    void aFileThatLostItsEndIsReplaced() throws IOException {
        byte[] bytes = {1, 2, 3};
        Digest digest = Digest.of(bytes);
        FileBlobStore store = new FileBlobStore(folder);
        store.store(digest, Files.write(folder.resolve("new"), bytes));
        Files.write(store.localFile(digest).orElseThrow(), new byte[] {1});

        store.store(digest, Files.write(folder.resolve("again"), bytes));

        assertThat(store.localFile(digest).orElseThrow()).hasBinaryContent(bytes);
    }
}
