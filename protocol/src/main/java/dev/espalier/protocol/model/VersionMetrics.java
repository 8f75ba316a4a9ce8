package dev.espalier.protocol.model;

import dev.espalier.protocol.DataName;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.util.Map;

/**
 * What an evaluation of one version gave.
 *
 * @param examples number of held-out examples behind the values
 * @param values by name: {@code accuracy}, {@code macroF1} (0 to 1), {@code loss} (nats per
 *     example)
 */
public record VersionMetrics(
        @NotNull DataName data,
        @PositiveOrZero long examples,
        @NotEmpty @Size(max = 100) Map<String, @NotNull Double> values) {}
