package dev.espalier.protocol.model;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

/**
 * Moves an alias by compare-and-set.
 *
 * @param version where it shall point
 * @param expected where the caller believes it points now; absent if it believes there is no such
 *     alias yet
 */
public record MoveAlias(
        @Schema(example = "4") @Positive int version,
        @Schema(example = "3") @Positive @Nullable Integer expected) {}
