package dev.espalier.registry.blob;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** One blob that is known to be whole. Written by {@link BlobRows#insertIfNew}. */
@Entity(name = "Blob")
@Table(name = "blob")
class BlobRow {

    @Id private String digest;
    private long size;
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // filled by Hibernate
    protected BlobRow() {}

    String digest() {
        return digest;
    }

    long size() {
        return size;
    }

    Instant createdAt() {
        return createdAt;
    }
}
