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
 * @param values by name: {@code loss} in nats, per example where classes are told apart, else per
 *     token; where there are classes {@code accuracy} and {@code macroF1} (0 to 1); where text is
 *     written {@code bleu} (0 to 100) and {@code rougeL} (0 to 1); where text is continued {@code
 *     perplexity}
 */
public record VersionMetrics(
        @NotNull DataName data,
        @PositiveOrZero long examples,
        @NotEmpty @Size(max = 100) Map<String, @NotNull Double> values) {}
