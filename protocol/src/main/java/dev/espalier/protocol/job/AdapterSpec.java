package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA adapter: {@code y = x Wᵀ + (alpha/rank) (x Aᵀ) Bᵀ} with A [rank, in], B [out, rank] on
 * every target module.
 *
 * @param alpha absent: twice the rank
 * @param dropout on the adapter's input while training; absent: 0
 * @param targetModules absent: the usual ones of the model family
 */
@Schema(description = "A LoRA adapter on the target modules: y = x W' + (alpha/rank) (x A') B'.")
public record AdapterSpec(
        @Schema(example = "8") @Min(1) @Max(1024) int rank,
        @Schema(description = "Default: twice the rank.", example = "16") @Positive Double alpha,
        @Schema(defaultValue = "0", example = "0.05")
                @DecimalMin("0")
                @DecimalMax(value = "1", inclusive = false)
                Double dropout,
        @Schema(
                        description =
                                "By PEFT's rule: whole module names or their ends. Default: the"
                                        + " family's usual.",
                        example = "[\"query\", \"value\"]")
                @Size(min = 1, max = 64)
                @Nullable List<@NotNull @Size(min = 1, max = 300) String> targetModules) {

    public AdapterSpec {
        alpha = alpha == null ? 2.0 * rank : alpha;
        dropout = dropout == null ? 0.0 : dropout;
        targetModules = targetModules == null ? null : List.copyOf(targetModules);
    }

    /**
     * The same with the target modules named, as stored with a job once its base model is known.
     */
    public AdapterSpec withTargetModules(List<String> names) {
        return new AdapterSpec(rank, alpha, dropout, names);
    }
}
