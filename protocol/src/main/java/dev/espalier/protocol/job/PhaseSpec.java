package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.espalier.protocol.job.SparseAggregationSpec.L0MaskExpansion.Ties;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One stretch of rounds that all do the same kind of work. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PhaseSpec.FineTune.class, name = "FINE_TUNE"),
    @JsonSubTypes.Type(value = PhaseSpec.Prune.class, name = "PRUNE")
})
@Schema(
        discriminatorProperty = "kind",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "FINE_TUNE", schema = PhaseSpec.FineTune.class),
            @DiscriminatorMapping(value = "PRUNE", schema = PhaseSpec.Prune.class)
        },
        oneOf = {PhaseSpec.FineTune.class, PhaseSpec.Prune.class})
public sealed interface PhaseSpec {

    int rounds();

    SelectionSpec selection();

    /** How long a round waits for its updates, and then for its evaluation. */
    Duration deadline();

    /** Share of the cohort, in (0, 1], that must have handed in when the deadline passes. */
    Double quorum();

    /**
     * Clients train a LoRA adapter on a frozen base.
     *
     * @param rounds how many rounds
     * @param selection absent: everyone who is eligible
     * @param pruning absent: clients train all of the adapter
     * @param ranks absent: every client trains all components of the adapter
     * @param quantisation absent: updates are sent in f32
     * @param aggregation absent: federated averaging
     * @param deadline absent: ten minutes
     * @param quorum absent: 0.5
     */
    @Schema(name = "FineTunePhase", description = "Clients train a LoRA adapter on a frozen base.")
    record FineTune(
            @Schema(example = "4") @Min(1) @Max(10_000) int rounds,
            @Valid SelectionSpec selection,
            @Valid @NotNull AdapterSpec adapter,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Valid @Nullable PruningSpec pruning,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Valid @Nullable RankSpec ranks,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Valid
                    @Nullable QuantisationSpec quantisation,
            @Valid AggregationSpec aggregation,
            @Valid @NotNull TrainingSpec training,
            @Schema(
                            type = "string",
                            description =
                                    "ISO 8601, from PT5S to P7D. How long a round waits for"
                                            + " updates.",
                            defaultValue = "PT10M",
                            example = "PT10M")
                    Duration deadline,
            @Schema(
                            description =
                                    "Share of the cohort that must be in when the deadline passes.",
                            defaultValue = "0.5")
                    @DecimalMin(value = "0", inclusive = false)
                    @DecimalMax("1")
                    Double quorum)
            implements PhaseSpec {

        public FineTune {
            selection = selection == null ? new SelectionSpec.All() : selection;
            aggregation = aggregation == null ? new AggregationSpec.FedAvg(null) : aggregation;
            deadline = deadline == null ? Duration.ofMinutes(10) : deadline;
            quorum = quorum == null ? 0.5 : quorum;
        }
    }

    /**
     * Clients prune the base's linear layers on data of their own, and one sparse base comes of it
     * (algorithms.md C). Comes before every FINE_TUNE phase, since adapters belong to one base.
     *
     * @param rounds how many rounds
     * @param selection absent: everyone who is eligible
     * @param layers absent: every client prunes all layers
     * @param aggregation absent: L0_MASK_EXPANSION, and L0 where there is a pattern
     * @param deadline absent: ten minutes
     * @param quorum absent: 0.5
     */
    @Schema(
            name = "PrunePhase",
            description =
                    "Clients prune the base's linear layers on data of their own, and one sparse"
                            + " base comes of it.")
    record Prune(
            @Schema(example = "1") @Min(1) @Max(10_000) int rounds,
            @Valid SelectionSpec selection,
            @Valid @NotNull WeightPruningSpec weights,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Valid @Nullable LayerSamplingSpec layers,
            @Valid SparseAggregationSpec aggregation,
            @Schema(
                            type = "string",
                            description =
                                    "ISO 8601, from PT5S to P7D. How long a round waits for"
                                            + " updates.",
                            defaultValue = "PT10M",
                            example = "PT10M")
                    Duration deadline,
            @Schema(
                            description =
                                    "Share of the cohort that must be in when the deadline passes.",
                            defaultValue = "0.5")
                    @DecimalMin(value = "0", inclusive = false)
                    @DecimalMax("1")
                    Double quorum)
            implements PhaseSpec {

        public Prune {
            selection = selection == null ? new SelectionSpec.All() : selection;
            aggregation = aggregation == null ? usual(weights) : aggregation;
            deadline = deadline == null ? Duration.ofMinutes(10) : deadline;
            quorum = quorum == null ? 0.5 : quorum;
        }

        private static SparseAggregationSpec usual(@Nullable WeightPruningSpec weights) {
            return weights == null || weights.pattern() == null
                    ? new SparseAggregationSpec.L0MaskExpansion(Ties.MAGNITUDE_THEN_INDEX)
                    : new SparseAggregationSpec.L0();
        }
    }
}
