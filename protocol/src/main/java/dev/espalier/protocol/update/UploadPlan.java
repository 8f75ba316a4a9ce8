package dev.espalier.protocol.update;

import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/**
 * How precisely an agent sends the components of its update; exactly one is given.
 *
 * @param bits 4, 8, 16 or 32 for every component
 * @param budgetBytes for all components, scales included: the agent raises precision in the order
 *     of importance, and leaves out what does not fit at 4 bits
 */
public record UploadPlan(@Nullable Integer bits, @PositiveOrZero @Nullable Long budgetBytes) {}
