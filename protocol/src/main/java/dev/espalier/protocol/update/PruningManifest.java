package dev.espalier.protocol.update;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.work.Bounds;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;

/**
 * What an update that prunes says of itself: JSON under {@link #METADATA_KEY} in the {@code
 * __metadata__} of its safetensors file. The file holds every matrix of the layers in scope, by its
 * name in the base's weights: a mask of its elements alone where kept weights stay as they are,
 * else mask and values, in whatever encoding is smallest (algorithms.md C.6).
 *
 * @param schema of this manifest: 1
 * @param parent the base that was pruned
 * @param scope the layers, all named
 * @param examples training examples of the client; none of a client without any counts
 * @param calibrationSamples texts, or windows of text, that were read; 0 with MAGNITUDE
 */
public record PruningManifest(
        @Min(1) @Max(1) int schema,
        @NotNull RoundId round,
        @NotNull AgentName agent,
        @NotNull VersionRef parent,
        @Valid @NotNull Scope scope,
        @NotNull Pruner pruner,
        @Positive @Max(Bounds.EXAMPLES) long examples,
        @PositiveOrZero @Max(Bounds.EXAMPLES) long calibrationSamples,
        @PositiveOrZero @DecimalMax(Bounds.SECONDS) double pruneSeconds) {

    public static final int SCHEMA = 1;

    public static final String METADATA_KEY = "espalier.pruning";
}
