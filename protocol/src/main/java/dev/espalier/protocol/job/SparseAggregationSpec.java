package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * How pruned matrices of many clients become one (algorithms.md C.3 steps 5 to 7). The mean of an
 * element is over the clients that kept it; what all of them pruned is zero.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rule")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SparseAggregationSpec.L0.class, name = "L0"),
    @JsonSubTypes.Type(
            value = SparseAggregationSpec.L0MaskExpansion.class,
            name = "L0_MASK_EXPANSION"),
    @JsonSubTypes.Type(
            value = SparseAggregationSpec.RandomExpansion.class,
            name = "RANDOM_EXPANSION"),
    @JsonSubTypes.Type(value = SparseAggregationSpec.Standalone.class, name = "STANDALONE")
})
@Schema(
        discriminatorProperty = "rule",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "L0", schema = SparseAggregationSpec.L0.class),
            @DiscriminatorMapping(
                    value = "L0_MASK_EXPANSION",
                    schema = SparseAggregationSpec.L0MaskExpansion.class),
            @DiscriminatorMapping(
                    value = "RANDOM_EXPANSION",
                    schema = SparseAggregationSpec.RandomExpansion.class),
            @DiscriminatorMapping(
                    value = "STANDALONE",
                    schema = SparseAggregationSpec.Standalone.class)
        },
        oneOf = {
            SparseAggregationSpec.L0.class,
            SparseAggregationSpec.L0MaskExpansion.class,
            SparseAggregationSpec.RandomExpansion.class,
            SparseAggregationSpec.Standalone.class
        })
public sealed interface SparseAggregationSpec {

    /** Whether matrices are brought to the target sparsity after the mean. */
    @JsonIgnore
    default boolean expands() {
        return switch (this) {
            case L0MaskExpansion _, RandomExpansion _ -> true;
            case L0 _, Standalone _ -> false;
        };
    }

    /**
     * What all clients pruned is zero, and nothing else: denser than the target wherever clients
     * differ.
     */
    @Schema(name = "L0", description = "Zero is what all clients pruned, and nothing else.")
    record L0() implements SparseAggregationSpec {}

    /**
     * What most clients pruned is zeroed too, until every matrix has the target sparsity exactly.
     *
     * @param ties absent: by magnitude, then by index
     */
    @Schema(
            name = "L0MaskExpansion",
            description =
                    "What most clients pruned is zeroed too, until the target sparsity is met.")
    record L0MaskExpansion(@Schema(defaultValue = "MAGNITUDE_THEN_INDEX") Ties ties)
            implements SparseAggregationSpec {

        /** Which of several elements that as many clients pruned goes first (C.8 #3). */
        public enum Ties {
            /** The smaller magnitude, then the lower index. */
            MAGNITUDE_THEN_INDEX,
            /** The lower index. */
            INDEX,
            /** A seeded draw. */
            SEEDED_RANDOM
        }

        public L0MaskExpansion {
            ties = ties == null ? Ties.MAGNITUDE_THEN_INDEX : ties;
        }
    }

    /** A baseline: anything is zeroed, by a seeded draw, until the target sparsity is met. */
    @Schema(
            name = "RandomExpansion",
            description = "Anything is zeroed, by a draw, until the target is met. A baseline.")
    record RandomExpansion() implements SparseAggregationSpec {}

    /**
     * A baseline: nothing is combined. Every client's own pruned model becomes a version, and what
     * is measured is the mean over them (algorithms.md C.7).
     */
    @Schema(
            name = "Standalone",
            description = "Every client's own pruned model becomes a version. A baseline.")
    record Standalone() implements SparseAggregationSpec {}
}
