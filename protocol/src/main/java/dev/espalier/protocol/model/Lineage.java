package dev.espalier.protocol.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a version came from.
 *
 * @param parent the version it was trained from; absent for a first one
 * @param round absent for what no round made: an initial adapter, a merged model
 * @param roundNumber from 1; 0 for what no round made
 * @param sparsity of every matrix that may be pruned, in ascending order of name; absent for
 *     versions that have no mask
 */
public record Lineage(
        @Nullable VersionRef parent,
        @NotNull JobId job,
        @Nullable RoundId round,
        @PositiveOrZero int roundNumber,
        @NotNull @Size(max = 100_000) List<@Valid @NotNull Contributor> contributors,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Size(max = 100_000)
                @Nullable List<@Valid @NotNull MatrixSparsity> sparsity) {

    /** Of a version without a mask. */
    public Lineage(
            @Nullable VersionRef parent,
            JobId job,
            @Nullable RoundId round,
            int roundNumber,
            List<Contributor> contributors) {
        this(parent, job, round, roundNumber, contributors, null);
    }

    /**
     * @param examples how many training examples the contributor's weight stood for
     */
    public record Contributor(@NotNull AgentName agent, @PositiveOrZero long examples) {}
}
