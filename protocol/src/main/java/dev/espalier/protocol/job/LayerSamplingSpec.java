package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every client prunes only some layers, drawn anew each round: {@code max(1, round(ratio * L))} of
 * them, by what it told it can do (algorithms.md C.3 step 1).
 *
 * @param tiers strongest first: a client gets the ratio of the first whose conditions it meets, and
 *     is left out of the round if it meets none
 * @param ensureCoverage layers that nobody drew are given to those with most to spare; absent: true
 *     (C.8 #6). Without it the draw is without bias, and a layer may stay as it was
 */
@Schema(description = "Every client prunes only some layers, by what it can do.")
public record LayerSamplingSpec(
        @NotNull @Size(min = 1, max = 32) List<@Valid @NotNull Tier> tiers,
        @Schema(defaultValue = "true") Boolean ensureCoverage) {

    /**
     * @param ratio share of the model's layers, in (0, 1], with at most six decimals
     * @param minUplinkBytesPerSecond who does not tell its uplink does not meet it
     */
    @Schema(name = "LayerTier")
    public record Tier(
            @Schema(example = "0.5")
                    @NotNull
                    @DecimalMin(value = "0", inclusive = false)
                    @DecimalMax("1")
                    @Digits(integer = 1, fraction = 6)
                    BigDecimal ratio,
            @Positive @Nullable Long minMemoryBytes,
            @Positive @Nullable Long minUplinkBytesPerSecond,
            @Positive @Nullable Integer minProcessors) {}

    public LayerSamplingSpec {
        tiers = tiers == null ? List.of() : tiers;
        ensureCoverage = ensureCoverage == null || ensureCoverage;
    }
}
