package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

/**
 * How updates become the next version: every rule is a masked weighted mean (algorithms.md D.1).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rule")
@JsonSubTypes({
    @JsonSubTypes.Type(value = AggregationSpec.FedAvg.class, name = "FED_AVG"),
    @JsonSubTypes.Type(value = AggregationSpec.HeadWeighted.class, name = "HEAD_WEIGHTED")
})
@Schema(
        discriminatorProperty = "rule",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "FED_AVG", schema = AggregationSpec.FedAvg.class),
            @DiscriminatorMapping(
                    value = "HEAD_WEIGHTED",
                    schema = AggregationSpec.HeadWeighted.class)
        },
        oneOf = {AggregationSpec.FedAvg.class, AggregationSpec.HeadWeighted.class})
public sealed interface AggregationSpec {

    /**
     * Largest allowed L2 norm of an update's change against its parent; absent: any finite change.
     */
    @Nullable Double maxUpdateNorm();

    /**
     * Weights are the clients' numbers of training examples. What a client left out does not count
     * for it: the mean is over those who sent it, and what nobody sent keeps its value.
     */
    @Schema(name = "FedAvg", description = "Mean of the updates, weighted by training examples.")
    record FedAvg(
            @Schema(
                            description =
                                    "An update whose change against its parent is longer (L2) is"
                                            + " refused.",
                            example = "50")
                    @Positive
                    @Nullable Double maxUpdateNorm)
            implements AggregationSpec {}

    /**
     * Every head by itself, weighted by what it is worth to each client that kept it (algorithms.md
     * A.3 step 7). Needs {@code pruning.heads}.
     *
     * @param weighting absent: training examples times confidence
     */
    @Schema(
            name = "HeadWeighted",
            description =
                    "Mean per attention head over the clients that kept it, weighted by the head's"
                            + " confidence.")
    record HeadWeighted(
            @Schema(defaultValue = "N_TIMES_CONF") Weighting weighting,
            @Schema(
                            description =
                                    "An update whose change against its parent is longer (L2) is"
                                            + " refused.",
                            example = "50")
                    @Positive
                    @Nullable Double maxUpdateNorm)
            implements AggregationSpec {

        /** The weight of a client's version of a head (algorithms.md A.8 #7). */
        public enum Weighting {
            /** Training examples times the head's confidence. */
            N_TIMES_CONF,
            /** The head's confidence alone. */
            CONF,
            /** Training examples alone. */
            N
        }

        public HeadWeighted {
            weighting = weighting == null ? Weighting.N_TIMES_CONF : weighting;
        }
    }
}
