package dev.espalier.protocol.update;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens one round at the aggregation service. Opening it again with the same content is free.
 *
 * @param parent the version the cohort works from: an adapter on {@code base}, or, where the cohort
 *     prunes, the base itself
 * @param seed of what the round has to draw: a fresh adapter after stacking, ties between weights
 * @param deadline after it no update is taken, sealed or not
 */
public record RoundSession(
        @NotNull RoundId round,
        @NotNull JobId job,
        @Positive int number,
        @NotNull ModelName publishAs,
        @NotNull VersionRef base,
        @NotNull VersionRef parent,
        @Valid @NotNull RoundWork work,
        long seed,
        @NotEmpty @Size(max = 100_000) List<@Valid @NotNull Invitation> cohort,
        @NotNull Instant deadline) {

    /** The model whose versions are the bases that rounds make (ours). */
    public static ModelName basesOf(ModelName publishAs) {
        return new ModelName(publishAs + "-base");
    }

    /**
     * @param tokenHash SHA-256 of the upload token that only this agent was given
     * @param scope of the adapter, or the layers that are pruned
     * @param heads absent: all heads are in scope
     * @param upload absent: values come in f32
     */
    public record Invitation(
            @NotNull AgentName agent,
            @NotNull Digest tokenHash,
            @Valid @NotNull Scope scope,
            @Valid @Nullable HeadAllowance heads,
            @Valid @Nullable UploadPlan upload) {}
}
