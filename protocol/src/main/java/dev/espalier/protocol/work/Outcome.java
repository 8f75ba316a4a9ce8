package dev.espalier.protocol.work;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.espalier.protocol.Digest;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;

/** How an assignment ended, said by its agent. Saying it again is free. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Outcome.Trained.class, name = "TRAINED"),
    @JsonSubTypes.Type(value = Outcome.Evaluated.class, name = "EVALUATED"),
    @JsonSubTypes.Type(value = Outcome.Failed.class, name = "FAILED")
})
@Schema(
        discriminatorProperty = "kind",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "TRAINED", schema = Outcome.Trained.class),
            @DiscriminatorMapping(value = "EVALUATED", schema = Outcome.Evaluated.class),
            @DiscriminatorMapping(value = "FAILED", schema = Outcome.Failed.class)
        },
        oneOf = {Outcome.Trained.class, Outcome.Evaluated.class, Outcome.Failed.class})
public sealed interface Outcome {

    /**
     * Bytes the agent fetched for this assignment, counted as if it shared its machine with no
     * other.
     */
    long bytesDown();

    /**
     * The update lies at the aggregation service.
     *
     * @param digest of the update file
     * @param trainSeconds forward, backward and optimiser; no loading, no waiting
     */
    @Schema(name = "TrainedOutcome")
    record Trained(
            @NotNull Digest digest,
            @PositiveOrZero long bytesDown,
            @PositiveOrZero double trainSeconds,
            @PositiveOrZero double uploadSeconds)
            implements Outcome {}

    /**
     * @param loss nats per example
     */
    @Schema(name = "EvaluatedOutcome")
    record Evaluated(
            @Positive long examples,
            @DecimalMin("0") @DecimalMax("1") double accuracy,
            @DecimalMin("0") @DecimalMax("1") double macroF1,
            @PositiveOrZero double loss,
            @PositiveOrZero long bytesDown)
            implements Outcome {}

    /**
     * @param reason what went wrong and what the owner can do; never any text of the data
     */
    @Schema(name = "FailedOutcome")
    record Failed(@NotNull @Size(min = 1, max = 1000) String reason, @PositiveOrZero long bytesDown)
            implements Outcome {}
}
