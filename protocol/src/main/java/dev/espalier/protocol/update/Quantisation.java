package dev.espalier.protocol.update;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import java.util.Map;

/**
 * How the components of an update are written (algorithms.md B.5). A LoRA tensor is then a {@code
 * U8} tensor of one dimension: for every component in scope, ascending, the vector of its values
 * that are in scope (of A a row, of B a column), each after the other without a gap:
 *
 * <pre>
 *   4 bit   f32 scale, then two codes to a byte, the first in the low half; an odd end is padded with 0
 *   8 bit   f32 scale, then one signed byte a code
 *   16 bit  f16        32 bit  f32        all little endian
 * </pre>
 *
 * @param bits by module: one of 4, 8, 16, 32 for each of its components in scope, in their order;
 *     modules of which nothing is sent are left out
 * @param error L2 norm of what was lost by it, relative to that of the values
 */
public record Quantisation(
        @NotNull Map<String, @NotNull List<@NotNull Integer>> bits,
        @PositiveOrZero @DecimalMax("1000000") double error) {}
