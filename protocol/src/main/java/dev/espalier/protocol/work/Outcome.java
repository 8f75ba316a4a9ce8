package dev.espalier.protocol.work;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.espalier.protocol.Digest;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/** How an assignment ended, said by its agent. Saying it again is free. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Outcome.Trained.class, name = "TRAINED"),
    @JsonSubTypes.Type(value = Outcome.Pruned.class, name = "PRUNED"),
    @JsonSubTypes.Type(value = Outcome.Evaluated.class, name = "EVALUATED"),
    @JsonSubTypes.Type(value = Outcome.Scored.class, name = "SCORED"),
    @JsonSubTypes.Type(value = Outcome.Failed.class, name = "FAILED")
})
@Schema(
        discriminatorProperty = "kind",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "TRAINED", schema = Outcome.Trained.class),
            @DiscriminatorMapping(value = "PRUNED", schema = Outcome.Pruned.class),
            @DiscriminatorMapping(value = "EVALUATED", schema = Outcome.Evaluated.class),
            @DiscriminatorMapping(value = "SCORED", schema = Outcome.Scored.class),
            @DiscriminatorMapping(value = "FAILED", schema = Outcome.Failed.class)
        },
        oneOf = {
            Outcome.Trained.class,
            Outcome.Pruned.class,
            Outcome.Evaluated.class,
            Outcome.Scored.class,
            Outcome.Failed.class
        })
public sealed interface Outcome {

    /**
     * Bytes the agent fetched for this assignment, counted as if it shared its machine with no
     * other.
     */
    long bytesDown();

    /** The part of {@link #bytesDown} that was the base model. */
    Long baseBytesDown();

    /**
     * The update lies at the aggregation service.
     *
     * @param digest of the update file
     * @param trainSeconds scoring of heads, taking them out, forward, backward and optimiser; no
     *     loading, no waiting
     * @param cost what was computed
     */
    @Schema(name = "TrainedOutcome")
    record Trained(
            @NotNull Digest digest,
            @PositiveOrZero @Max(Bounds.BYTES) long bytesDown,
            @PositiveOrZero Long baseBytesDown,
            @PositiveOrZero @DecimalMax(Bounds.SECONDS) double trainSeconds,
            @PositiveOrZero @DecimalMax(Bounds.SECONDS) double uploadSeconds,
            @Valid @NotNull Cost cost)
            implements Outcome {

        public Trained {
            baseBytesDown = partOf(bytesDown, baseBytesDown);
        }
    }

    /**
     * The pruned layers lie at the aggregation service.
     *
     * @param digest of the update file
     * @param pruneSeconds forward passes and choosing; no loading, no waiting
     * @param cost what was computed
     */
    @Schema(name = "PrunedOutcome")
    record Pruned(
            @NotNull Digest digest,
            @PositiveOrZero @Max(Bounds.BYTES) long bytesDown,
            @PositiveOrZero Long baseBytesDown,
            @PositiveOrZero @DecimalMax(Bounds.SECONDS) double pruneSeconds,
            @PositiveOrZero @DecimalMax(Bounds.SECONDS) double uploadSeconds,
            @Valid @NotNull Cost cost)
            implements Outcome {

        public Pruned {
            baseBytesDown = partOf(bytesDown, baseBytesDown);
        }
    }

    /**
     * @param examples rows; where text is continued, windows
     * @param loss nats per example where classes are told apart, else per token
     * @param accuracy where classes are told apart
     * @param macroF1 where classes are told apart
     * @param bleu 0 to 100, where text is written
     * @param rougeL mean F measure, where text is written
     * @param perplexity where text is continued: e to the loss
     * @param tokens that were predicted, where text is continued: what the loss is the mean of
     */
    @Schema(name = "EvaluatedOutcome")
    record Evaluated(
            @Positive @Max(Bounds.EXAMPLES) long examples,
            @PositiveOrZero @DecimalMax(Bounds.LOSS) double loss,
            @DecimalMin("0") @DecimalMax("1") @Nullable Double accuracy,
            @DecimalMin("0") @DecimalMax("1") @Nullable Double macroF1,
            @DecimalMin("0") @DecimalMax("100") @Nullable Double bleu,
            @DecimalMin("0") @DecimalMax("1") @Nullable Double rougeL,
            @DecimalMin("1") @DecimalMax(Bounds.PERPLEXITY) @Nullable Double perplexity,
            @Positive @Max(Bounds.TOKENS) @Nullable Long tokens,
            @PositiveOrZero @Max(Bounds.BYTES) long bytesDown,
            @PositiveOrZero Long baseBytesDown)
            implements Outcome {

        public Evaluated {
            baseBytesDown = partOf(bytesDown, baseBytesDown);
        }
    }

    /**
     * @param examples rows that were measured
     * @param loss of the adapter that the assignment names
     * @param ownLoss of the agent's own last adapter; absent: it has none
     */
    @Schema(name = "ScoredOutcome")
    record Scored(
            @Positive @Max(Bounds.EXAMPLES) long examples,
            @PositiveOrZero @DecimalMax(Bounds.LOSS) double loss,
            @PositiveOrZero @DecimalMax(Bounds.LOSS) @Nullable Double ownLoss,
            @PositiveOrZero @Max(Bounds.BYTES) long bytesDown,
            @PositiveOrZero Long baseBytesDown,
            @Valid @NotNull Cost cost)
            implements Outcome {

        public Scored {
            baseBytesDown = partOf(bytesDown, baseBytesDown);
        }
    }

    /**
     * @param reason what went wrong and what the owner can do; never any text of the data
     */
    @Schema(name = "FailedOutcome")
    record Failed(
            @NotNull @Size(min = 1, max = 1000) String reason,
            @PositiveOrZero @Max(Bounds.BYTES) long bytesDown,
            @PositiveOrZero Long baseBytesDown)
            implements Outcome {

        public Failed {
            baseBytesDown = partOf(bytesDown, baseBytesDown);
        }
    }

    /** What an agent of an earlier version does not tell is none. */
    private static long partOf(long bytesDown, @Nullable Long baseBytesDown) {
        long base = baseBytesDown == null ? 0 : baseBytesDown;
        if (base > Math.max(0, bytesDown)) {
            throw new IllegalArgumentException(
                    "baseBytesDown is %d, more than the %d bytesDown it is a part of"
                            .formatted(base, bytesDown));
        }
        return base;
    }
}
