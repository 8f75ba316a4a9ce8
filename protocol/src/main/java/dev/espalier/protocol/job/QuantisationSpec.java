package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

/**
 * Adapter values are uploaded with fewer bits (algorithms.md B.5): by component, symmetric per
 * vector. Exactly one of the three is given. The task head is sent in f32 and is in no budget.
 *
 * @param bits 4, 8, 16 or 32 for every component
 * @param budgetBytes for the components of one update: all start at 4 bits and are raised in the
 *     order of importance while it holds; what does not fit at 4 bits is left out, the least
 *     important first
 * @param budgetSeconds the same in seconds of a client's own uplink; one that does not tell it
 *     sends 32 bits
 */
@Schema(description = "Adapter values are uploaded with fewer bits. Exactly one is given.")
public record QuantisationSpec(
        @Schema(
                        description = "The same precision for all.",
                        allowableValues = {"4", "8", "16", "32"},
                        example = "8")
                @Nullable Integer bits,
        @Schema(description = "For the components of one update; important ones get more bits.")
                @Positive
                @Nullable Long budgetBytes,
        @Schema(description = "The same in seconds of a client's own uplink.")
                @Positive
                @DecimalMax("1000000")
                @Nullable Double budgetSeconds) {}
