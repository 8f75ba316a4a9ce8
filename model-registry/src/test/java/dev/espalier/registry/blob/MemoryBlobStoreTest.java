package dev.espalier.registry.blob;

import java.nio.file.Path;

class MemoryBlobStoreTest extends BlobStoreContract {

    @Override
    BlobStore emptyStore(Path where) {
        return new MemoryBlobStore();
    }
}
