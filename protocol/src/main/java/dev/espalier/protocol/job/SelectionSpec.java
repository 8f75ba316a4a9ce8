package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the cohort of a round is chosen from the agents that are alive and eligible (algorithms.md
 * D.4). Every policy but {@link All} takes {@code max(1, floor(fraction * eligible))} agents; ties
 * go to the lower name.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "policy")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SelectionSpec.All.class, name = "ALL"),
    @JsonSubTypes.Type(value = SelectionSpec.Uniform.class, name = "UNIFORM"),
    @JsonSubTypes.Type(value = SelectionSpec.DataWeighted.class, name = "DATA_WEIGHTED"),
    @JsonSubTypes.Type(value = SelectionSpec.RoundRobin.class, name = "ROUND_ROBIN"),
    @JsonSubTypes.Type(value = SelectionSpec.PowerOfChoice.class, name = "POWER_OF_CHOICE"),
    @JsonSubTypes.Type(value = SelectionSpec.LossDifference.class, name = "LOSS_DIFFERENCE"),
    @JsonSubTypes.Type(value = SelectionSpec.ResourceAware.class, name = "RESOURCE_AWARE")
})
@Schema(
        discriminatorProperty = "policy",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "ALL", schema = SelectionSpec.All.class),
            @DiscriminatorMapping(value = "UNIFORM", schema = SelectionSpec.Uniform.class),
            @DiscriminatorMapping(
                    value = "DATA_WEIGHTED",
                    schema = SelectionSpec.DataWeighted.class),
            @DiscriminatorMapping(value = "ROUND_ROBIN", schema = SelectionSpec.RoundRobin.class),
            @DiscriminatorMapping(
                    value = "POWER_OF_CHOICE",
                    schema = SelectionSpec.PowerOfChoice.class),
            @DiscriminatorMapping(
                    value = "LOSS_DIFFERENCE",
                    schema = SelectionSpec.LossDifference.class),
            @DiscriminatorMapping(
                    value = "RESOURCE_AWARE",
                    schema = SelectionSpec.ResourceAware.class)
        },
        oneOf = {
            SelectionSpec.All.class,
            SelectionSpec.Uniform.class,
            SelectionSpec.DataWeighted.class,
            SelectionSpec.RoundRobin.class,
            SelectionSpec.PowerOfChoice.class,
            SelectionSpec.LossDifference.class,
            SelectionSpec.ResourceAware.class
        })
public sealed interface SelectionSpec {

    /** Everyone who has training examples. */
    @Schema(name = "SelectAll", description = "Everyone who is alive and has training examples.")
    record All() implements SelectionSpec {}

    /** Without replacement, by the job's seed. */
    @Schema(name = "SelectUniform", description = "A seeded uniform draw without replacement.")
    record Uniform(
            @Schema(example = "0.5") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1")
                    double fraction)
            implements SelectionSpec {}

    /** Without replacement, with probability proportional to the training examples. */
    @Schema(
            name = "SelectDataWeighted",
            description = "A seeded draw without replacement, in proportion to training examples.")
    record DataWeighted(
            @Schema(example = "0.5") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1")
                    double fraction)
            implements SelectionSpec {}

    /** The next ones by name, so that all get their turn. */
    @Schema(name = "SelectRoundRobin", description = "The next agents by name, in turn.")
    record RoundRobin(
            @Schema(example = "0.5") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1")
                    double fraction)
            implements SelectionSpec {}

    /**
     * Candidates drawn in proportion to their training examples measure the loss of the global
     * model; the largest losses are taken (Cho et al. 2020).
     *
     * @param candidates share of the eligible agents that are asked; absent: twice the fraction
     */
    @Schema(
            name = "SelectPowerOfChoice",
            description =
                    "Candidates, drawn in proportion to training examples, tell the loss of the"
                            + " global model; the largest are taken.")
    record PowerOfChoice(
            @Schema(example = "0.25") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1")
                    double fraction,
            @Schema(
                            description =
                                    "Share of the eligible agents that is asked. Default: twice"
                                            + " the fraction.")
                    @DecimalMin(value = "0", inclusive = false)
                    @DecimalMax("1")
                    Double candidates,
            @Valid ScoringSpec scoring)
            implements SelectionSpec {

        public PowerOfChoice {
            candidates = candidates == null ? Math.min(1, 2 * fraction) : candidates;
            scoring = scoring == null ? ScoringSpec.DEFAULT : scoring;
        }
    }

    /**
     * The largest difference between the loss of the global model and that of the client's own last
     * adapter, both on the client's data (algorithms.md A.4, inferred). Who never trained comes
     * first.
     *
     * @param candidates share of the eligible agents that are asked, drawn in proportion to their
     *     training examples; absent: all
     * @param ageing factor per round on the last known score of one who does not answer (ours)
     */
    @Schema(
            name = "SelectLossDifference",
            description =
                    "The largest difference between the loss of the global model and that of the"
                            + " client's own last adapter, on the client's data.")
    record LossDifference(
            @Schema(example = "0.25") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1")
                    double fraction,
            @Schema(description = "Share of the eligible agents that is asked. Default: 1.")
                    @DecimalMin(value = "0", inclusive = false)
                    @DecimalMax("1")
                    Double candidates,
            @Schema(
                            description =
                                    "Factor per round on the last known score of an agent that"
                                            + " does not answer.",
                            defaultValue = "0.9")
                    @DecimalMin("0")
                    @DecimalMax("1")
                    Double ageing,
            @Valid ScoringSpec scoring)
            implements SelectionSpec {

        public LossDifference {
            candidates = candidates == null ? 1.0 : candidates;
            ageing = ageing == null ? 0.9 : ageing;
            scoring = scoring == null ? ScoringSpec.DEFAULT : scoring;
        }
    }

    /**
     * Only agents that say they have this much; then by another policy (ours).
     *
     * @param minUplinkBytesPerSecond agents that do not tell their uplink are left out
     * @param then how to choose among them
     */
    @Schema(
            name = "SelectResourceAware",
            description = "Leaves out agents with too little, then goes by another policy.")
    record ResourceAware(
            @Positive @Nullable Long minMemoryBytes,
            @Positive @Nullable Long minUplinkBytesPerSecond,
            @Positive @Nullable Integer minProcessors,
            @Valid @NotNull SelectionSpec then)
            implements SelectionSpec {}

    /**
     * How candidates measure a loss.
     *
     * @param samples of their training rows, drawn by seed
     * @param deadline after it those who did not answer go by their last known score
     */
    @Schema(description = "How candidates measure a loss on their own training rows.")
    record ScoringSpec(
            @Schema(defaultValue = "256") @Min(1) @Max(1_000_000) Integer samples,
            @Schema(type = "string", defaultValue = "PT2M", description = "ISO 8601.")
                    Duration deadline) {

        static final ScoringSpec DEFAULT = new ScoringSpec(256, Duration.ofMinutes(2));

        public ScoringSpec {
            samples = samples == null ? 256 : samples;
            deadline = deadline == null ? Duration.ofMinutes(2) : deadline;
        }
    }
}
