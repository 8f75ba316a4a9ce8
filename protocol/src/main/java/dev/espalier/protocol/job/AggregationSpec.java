package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

/**
 * How updates become the next version: every rule but STACKING and RANK_OPTIMAL is a masked
 * weighted mean (algorithms.md D.1).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rule")
@JsonSubTypes({
    @JsonSubTypes.Type(value = AggregationSpec.FedAvg.class, name = "FED_AVG"),
    @JsonSubTypes.Type(value = AggregationSpec.HeadWeighted.class, name = "HEAD_WEIGHTED"),
    @JsonSubTypes.Type(value = AggregationSpec.RankAdaptive.class, name = "RANK_ADAPTIVE"),
    @JsonSubTypes.Type(value = AggregationSpec.ZeroPadding.class, name = "ZERO_PADDING"),
    @JsonSubTypes.Type(value = AggregationSpec.Stacking.class, name = "STACKING"),
    @JsonSubTypes.Type(value = AggregationSpec.RankOptimal.class, name = "RANK_OPTIMAL")
})
@Schema(
        discriminatorProperty = "rule",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "FED_AVG", schema = AggregationSpec.FedAvg.class),
            @DiscriminatorMapping(
                    value = "HEAD_WEIGHTED",
                    schema = AggregationSpec.HeadWeighted.class),
            @DiscriminatorMapping(
                    value = "RANK_ADAPTIVE",
                    schema = AggregationSpec.RankAdaptive.class),
            @DiscriminatorMapping(
                    value = "ZERO_PADDING",
                    schema = AggregationSpec.ZeroPadding.class),
            @DiscriminatorMapping(value = "STACKING", schema = AggregationSpec.Stacking.class),
            @DiscriminatorMapping(
                    value = "RANK_OPTIMAL",
                    schema = AggregationSpec.RankOptimal.class)
        },
        oneOf = {
            AggregationSpec.FedAvg.class,
            AggregationSpec.HeadWeighted.class,
            AggregationSpec.RankAdaptive.class,
            AggregationSpec.ZeroPadding.class,
            AggregationSpec.Stacking.class,
            AggregationSpec.RankOptimal.class
        })
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

    /**
     * Every rank-1 component by itself, over the clients that trained it; what nobody trained keeps
     * its value (algorithms.md B.4 step 6).
     *
     * @param weighting absent: training examples
     */
    @Schema(
            name = "RankAdaptive",
            description = "Mean per rank-1 component over the clients that trained it.")
    record RankAdaptive(
            @Schema(defaultValue = "N") Weighting weighting,
            @Schema(
                            description =
                                    "An update whose change against its parent is longer (L2) is"
                                            + " refused.",
                            example = "50")
                    @Positive
                    @Nullable Double maxUpdateNorm)
            implements AggregationSpec {

        /** The weight of a client. */
        public enum Weighting {
            /** Training examples. */
            N,
            /** All alike. */
            UNIFORM
        }

        public RankAdaptive {
            weighting = weighting == null ? Weighting.N : weighting;
        }
    }

    /**
     * Every client counts in full for components that it did not send (HetLoRA's way, a baseline;
     * algorithms.md B.4).
     *
     * @param space absent: parameters
     * @param weighting absent: training examples
     */
    @Schema(
            name = "ZeroPadding",
            description = "Mean in which what a client did not send counts as zero. A baseline.")
    record ZeroPadding(
            @Schema(defaultValue = "PARAMETER") Space space,
            @Schema(defaultValue = "N") Weighting weighting,
            @Schema(
                            description =
                                    "An update whose change against its parent is longer (L2) is"
                                            + " refused.",
                            example = "50")
                    @Positive
                    @Nullable Double maxUpdateNorm)
            implements AggregationSpec {

        /** What is zero where nothing was sent. */
        public enum Space {
            /** The value: components shrink towards zero. */
            PARAMETER,
            /** The change against the parent: steps are damped. */
            DELTA
        }

        /** The weight of a client. */
        public enum Weighting {
            /** Training examples. */
            N,
            /** All alike. */
            UNIFORM,
            /** Frobenius norm of {@code B A} of what it sent, by module; the task head by n. */
            NORM
        }

        public ZeroPadding {
            space = space == null ? Space.PARAMETER : space;
            weighting = weighting == null ? Weighting.N : weighting;
        }
    }

    /**
     * The clients' factors are stacked, which gives the weighted mean of their products exactly; it
     * is merged into the base, and the next round starts with a fresh adapter on that (FLoRA;
     * algorithms.md D.2).
     */
    @Schema(
            name = "Stacking",
            description =
                    "The exact mean of the clients' products, merged into the base every round.")
    record Stacking(
            @Schema(
                            description =
                                    "An update whose change against its parent is longer (L2) is"
                                            + " refused.",
                            example = "50")
                    @Positive
                    @Nullable Double maxUpdateNorm)
            implements AggregationSpec {}

    /**
     * The weighted mean of the clients' products {@code B A}, cut to the adapter's rank by a
     * singular value decomposition of the stacked factors: no adapter of that rank is nearer to it
     * (ours). Components come out in descending order of singular value.
     */
    @Schema(
            name = "RankOptimal",
            description =
                    "The mean of the clients' products, cut to the adapter's rank by its singular"
                            + " values.")
    record RankOptimal(
            @Schema(
                            description =
                                    "An update whose change against its parent is longer (L2) is"
                                            + " refused.",
                            example = "50")
                    @Positive
                    @Nullable Double maxUpdateNorm)
            implements AggregationSpec {}
}
