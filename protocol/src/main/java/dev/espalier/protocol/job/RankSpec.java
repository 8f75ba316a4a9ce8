package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/**
 * Clients of different strength train different rank-1 components of one adapter (algorithms.md B):
 * component {@code i} of a module is row {@code A[i,:]} with column {@code B[:,i]}. A client is
 * allotted {@code r_k} components of every module; which ones, its scope names.
 *
 * @param variant absent: freezing
 * @param allotment how many components a client gets; needed by every variant but HOMOGENEOUS
 * @param importance absent: the defaults
 * @param coldStartRounds first rounds, counted over phases from which importance goes over, in
 *     which windows of components rotate over the clients, because every importance is 0 at first;
 *     absent: {@code ceil(rank / smallest r_k)}; 0: none (algorithms.md B.8 #9)
 * @param starvationEvery every so many rounds the longest untouched component of a module takes the
 *     place of the lowest ranked one that a client was to train; 0: never. Absent: 10 (B.8 #10,
 *     ours)
 */
@Schema(
        description =
                "Clients of different strength train different rank-1 components of one adapter.")
public record RankSpec(
        @Schema(defaultValue = "FREEZING") Variant variant,
        @Valid @Nullable RankAllotment allotment,
        @Valid ImportanceSpec importance,
        @Schema(
                        description =
                                "Rounds in which windows of components rotate over the clients."
                                        + " Default: the rank by the smallest number a client is"
                                        + " allotted, rounded up.")
                @PositiveOrZero
                @Max(10_000)
                @Nullable Integer coldStartRounds,
        @Schema(
                        description =
                                "Every so many rounds the longest untouched component is trained;"
                                        + " 0: never.",
                        defaultValue = "10")
                @PositiveOrZero
                @Max(10_000)
                Integer starvationEvery) {

    /** What a client holds of the adapter, and which components it trains (algorithms.md B.2). */
    public enum Variant {
        /**
         * All of it; only the most important components are trained, the others stay as they are.
         */
        FREEZING,
        /** The most important components alone; the scale stays that of the whole rank. */
        TRUNCATION,
        /** The first components alone, as in HetLoRA. */
        PREFIX,
        /** All of it, and all of it is trained, whatever the client's strength. */
        HOMOGENEOUS
    }

    public RankSpec {
        variant = variant == null ? Variant.FREEZING : variant;
        importance = importance == null ? ImportanceSpec.DEFAULT : importance;
        starvationEvery = starvationEvery == null ? 10 : starvationEvery;
    }
}
