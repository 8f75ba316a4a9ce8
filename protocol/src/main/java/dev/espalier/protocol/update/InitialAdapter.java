package dev.espalier.protocol.update;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskSpec;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;

/**
 * Asks the aggregation service for a job's first adapter: A and task head drawn from the seed, B
 * zero.
 */
public record InitialAdapter(
        @NotNull JobId job,
        long seed,
        @NotNull ModelName publishAs,
        @NotNull VersionRef base,
        @Valid @NotNull AdapterSpec adapter,
        @Valid @NotNull TaskSpec task) {}
