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
@JsonSubTypes(@JsonSubTypes.Type(value = AggregationSpec.FedAvg.class, name = "FED_AVG"))
@Schema(
        discriminatorProperty = "rule",
        discriminatorMapping =
                @DiscriminatorMapping(value = "FED_AVG", schema = AggregationSpec.FedAvg.class),
        oneOf = AggregationSpec.FedAvg.class)
public sealed interface AggregationSpec {

    /**
     * Largest allowed L2 norm of an update's change against its parent; absent: any finite change.
     */
    @Nullable Double maxUpdateNorm();

    /** Weights are the clients' numbers of training examples. */
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
}
