package dev.espalier.protocol.update;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import jakarta.validation.constraints.NotNull;

/**
 * Asks the aggregation service to merge an adapter into its base, {@code W + alpha/rank * B A}, and
 * to publish that. What a sparse base has pruned stays zero (algorithms.md D.3).
 */
public record MergeAdapter(
        @NotNull JobId job, @NotNull VersionRef adapter, @NotNull ModelName publishAs) {}
