package dev.espalier.protocol.job;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job as its user sees it.
 *
 * @param specification as submitted, with every default filled in
 * @param base the version that the base pointer meant when the job was submitted
 * @param round the latest round begun, from 1 over all phases; 0 before the first
 * @param rounds how many there will be over all phases
 * @param waitingFor why nothing moves, in words, while the job is RUNNING; absent while something
 *     does
 * @param reason why it FAILED, or who cancelled it
 * @param latest the newest adapter version
 * @param merged the merged model, once COMPLETED
 */
public record JobView(
        JobId id,
        JobState state,
        JobSpecification specification,
        VersionRef base,
        int round,
        int rounds,
        @Nullable String waitingFor,
        @Nullable String reason,
        @Nullable VersionRef latest,
        @Nullable VersionRef merged,
        Instant createdAt,
        @Nullable Instant endedAt) {}
