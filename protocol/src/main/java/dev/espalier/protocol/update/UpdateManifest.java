package dev.espalier.protocol.update;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.work.Bounds;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an update says of itself: JSON under {@link #METADATA_KEY} in the {@code __metadata__} of
 * its safetensors file.
 *
 * @param schema of this manifest: 1
 * @param parent the version it was trained from
 * @param examples the client's training examples n_k, its weight
 * @param scope what of the adapter the file holds; where heads were pruned it names every block,
 *     one without heads by an empty list. Components are those it was told to train, less those
 *     that a budget of bytes left out: then it names every target module
 * @param headConfidence by block: the scores of the kept heads, in the order of {@code
 *     scope.heads}; absent where none are pruned
 * @param componentScores by module: importance of each component in scope, in their order, as the
 *     client measured it over its steps; modules of which nothing is sent are left out; absent
 *     where it was not asked
 * @param quantisation absent: values are f32
 * @param lossBefore mean loss in nats of {@code parent} on the client's data, where it was measured
 * @param lossAfter mean training loss of the last local epoch
 */
public record UpdateManifest(
        @Min(1) @Max(1) int schema,
        @NotNull RoundId round,
        @NotNull AgentName agent,
        @NotNull VersionRef parent,
        @Valid @NotNull Scope scope,
        @Nullable Map<String, @NotNull List<@NotNull Double>> headConfidence,
        @Nullable Map<String, @NotNull List<@NotNull Double>> componentScores,
        @Valid @Nullable Quantisation quantisation,
        @Positive @Max(Bounds.EXAMPLES) long examples,
        @Positive int steps,
        @PositiveOrZero @DecimalMax(Bounds.LOSS) @Nullable Double lossBefore,
        @PositiveOrZero @DecimalMax(Bounds.LOSS) @Nullable Double lossAfter,
        @PositiveOrZero @DecimalMax(Bounds.SECONDS) double trainSeconds) {

    public static final int SCHEMA = 1;

    public static final String METADATA_KEY = "espalier.update";
}
