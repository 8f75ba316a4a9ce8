package dev.espalier.orchestrator.round;

import dev.espalier.protocol.VersionRef;

/**
 * What a round begins from.
 *
 * @param adapter that the cohort trains from
 * @param base the frozen base that it sits on; after a round that was merged, another one
 */
public record Footing(VersionRef adapter, VersionRef base) {}
