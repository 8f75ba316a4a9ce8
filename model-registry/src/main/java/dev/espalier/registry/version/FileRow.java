package dev.espalier.registry.version;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.model.VersionFile;
import jakarta.persistence.Embeddable;

/** {@link VersionFile} as the database spells it. */
@Embeddable
record FileRow(String path, String digest, long size) {

    static FileRow of(VersionFile file) {
        return new FileRow(file.path(), file.digest().hex(), file.size());
    }

    VersionFile file() {
        return new VersionFile(path, new Digest(digest), size);
    }
}
