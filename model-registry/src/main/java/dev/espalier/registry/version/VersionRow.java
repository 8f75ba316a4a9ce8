package dev.espalier.registry.version;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import jakarta.persistence.AttributeOverride;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embedded;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.hibernate.annotations.BatchSize;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** A published version. Inserted once, never updated. */
@Entity(name = "Version")
@Table(name = "version")
@Immutable
class VersionRow implements Persistable<VersionId> {

    @EmbeddedId private VersionId id;
    private String publicationKey;
    private String requestDigest;

    @Enumerated(EnumType.STRING)
    private VersionKind kind;

    private String digest;

    @Embedded
    @AttributeOverride(name = "model", column = @Column(name = "base_model"))
    @AttributeOverride(name = "number", column = @Column(name = "base_number"))
    private @Nullable VersionId base;

    private @Nullable String lineage;
    private @Nullable String structure;
    private Instant createdAt;

    @ElementCollection
    @CollectionTable(
            name = "version_file",
            joinColumns = {@JoinColumn(name = "model"), @JoinColumn(name = "number")})
    @BatchSize(size = 100)
    private List<FileRow> files;

    @SuppressWarnings("NullAway.Init") // filled by Hibernate
    protected VersionRow() {}

    VersionRow(VersionManifest manifest, Request request) {
        this.id = VersionId.of(manifest.ref());
        this.publicationKey = request.key();
        this.requestDigest = request.digest().hex();
        this.kind = manifest.kind();
        this.digest = manifest.digest().hex();
        this.base = manifest.base() == null ? null : VersionId.of(manifest.base());
        this.lineage = StoredJson.write(manifest.lineage());
        this.structure = StoredJson.write(manifest.structure());
        this.createdAt = manifest.createdAt();
        this.files = manifest.files().stream().map(FileRow::of).toList();
    }

    /** What was asked for: under which name, and the fingerprint of all of it. */
    record Request(String key, Digest digest) {}

    Request request() {
        return new Request(publicationKey, new Digest(requestDigest));
    }

    VersionManifest manifest() {
        VersionRef ref = id.ref();
        return new VersionManifest(
                ref.model(),
                ref.number(),
                kind,
                new Digest(digest),
                files.stream().map(FileRow::file).toList(),
                base == null ? null : base.ref(),
                StoredJson.lineage(lineage),
                StoredJson.structure(structure),
                createdAt);
    }

    VersionKind kind() {
        return kind;
    }

    @Override
    public VersionId getId() {
        return id;
    }

    /** Rows are only ever saved once, so no look-up has to come before the insert. */
    @Override
    public boolean isNew() {
        return true;
    }
}
