package dev.espalier.protocol.update;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.WeightPruningSpec;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What the cohort of a round does, as far as its updates and their combination depend on it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RoundWork.FineTune.class, name = "FINE_TUNE"),
    @JsonSubTypes.Type(value = RoundWork.Prune.class, name = "PRUNE")
})
@Schema(
        discriminatorProperty = "kind",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "FINE_TUNE", schema = RoundWork.FineTune.class),
            @DiscriminatorMapping(value = "PRUNE", schema = RoundWork.Prune.class)
        },
        oneOf = {RoundWork.FineTune.class, RoundWork.Prune.class})
public sealed interface RoundWork {

    /**
     * Trains an adapter; the round's parent is one.
     *
     * @param ranks absent: every client trains all components
     */
    @Schema(name = "FineTuneWork")
    record FineTune(
            @Valid @NotNull AdapterSpec adapter,
            @Valid @NotNull TaskSpec task,
            @Valid @NotNull AggregationSpec aggregation,
            @Valid @Nullable RankSpec ranks)
            implements RoundWork {}

    /**
     * Prunes the base; the round's parent is the base itself, and the version that it becomes is
     * the next one.
     *
     * @param sparsity of every matrix after this round; absent where {@code weights} has a pattern
     */
    @Schema(name = "PruneWork")
    record Prune(
            @Valid @NotNull WeightPruningSpec weights,
            @Nullable BigDecimal sparsity,
            @Valid @NotNull SparseAggregationSpec aggregation)
            implements RoundWork {}
}
