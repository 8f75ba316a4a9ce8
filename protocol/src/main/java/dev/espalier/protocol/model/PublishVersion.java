package dev.espalier.protocol.model;

import dev.espalier.protocol.VersionRef;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks the registry for the next version of a model. All blobs must be there already.
 *
 * @param key named by the caller (the round, say): the same key with the same content is the same
 *     version, other content under it is refused
 * @param base for an adapter: the version it sits on
 * @param structure for a base: what others plan with
 */
public record PublishVersion(
        @NotNull @Size(min = 1, max = 200) String key,
        @NotNull VersionKind kind,
        @NotEmpty @Size(max = 1000) List<@Valid @NotNull VersionFile> files,
        @Nullable VersionRef base,
        @Valid @Nullable Lineage lineage,
        @Valid @Nullable ModelStructure structure) {}
