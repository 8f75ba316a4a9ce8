package dev.espalier.orchestrator.round;

import dev.espalier.protocol.VersionRef;
import org.jspecify.annotations.Nullable;

/**
 * What a round begins from.
 *
 * @param adapter that the cohort trains from; absent while there is none, and the base itself is
 *     pruned
 * @param base the frozen base that it sits on; after a round that was merged or pruned, another one
 */
public record Footing(@Nullable VersionRef adapter, VersionRef base) {

    /**
     * What a round left.
     *
     * @param published the version that it became
     * @param base that the version sits on; the same where it is a base itself
     */
    static Footing after(VersionRef published, VersionRef base) {
        return new Footing(published.equals(base) ? null : published, base);
    }

    /** The adapter, or the base where there is none. */
    public VersionRef newest() {
        return adapter == null ? base : adapter;
    }
}
