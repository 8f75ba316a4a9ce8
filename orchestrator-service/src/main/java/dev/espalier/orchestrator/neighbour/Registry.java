package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.model.VersionMetrics;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The model registry. Every call may be repeated; each may fail with {@link NeighbourUnavailable}
 * or {@link NeighbourRefused}.
 */
public interface Registry {

    Optional<VersionManifest> find(ModelPointer pointer);

    /** Where the alias points now. */
    OptionalInt alias(ModelName model, AliasName alias);

    /** False if the alias no longer pointed where the caller believed. */
    boolean moveAlias(ModelName model, AliasName alias, MoveAlias move);

    void recordMetrics(VersionRef version, VersionMetrics metrics);
}
