package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A federation job, complete: with the same specification, data and seed comes the same model.
 *
 * @param seed from it every random draw of the job is derived
 * @param data logical name of the training data; each agent maps it to files of its own
 * @param phases run one after the other, each from where the one before ended
 * @param evaluation absent: the global model is not evaluated
 * @param alias moved to the last version when the job completes; absent: none is moved
 */
@Schema(
        description =
                "A federation job. With the same specification, data and seed comes the same"
                        + " model.")
public record JobSpecification(
        @Schema(description = "For people; need not be unique.", example = "spam-filter")
                @NotNull
                @Pattern(
                        regexp = "[^\\p{Cntrl}]{1,100}",
                        message = "must be 1 to 100 printable characters")
                String name,
        @Schema(description = "Every random draw of the job is derived from it.", example = "42")
                @JsonProperty(required = true)
                long seed,
        @Valid @NotNull ModelSpec model,
        @Schema(
                        description =
                                "Logical name of the training data; each agent maps it to its own"
                                        + " files.")
                @NotNull
                DataName data,
        @Valid @NotNull TaskSpec task,
        @Schema(description = "Run one after the other.") @NotNull @Size(min = 1, max = 16)
                List<@Valid @NotNull PhaseSpec> phases,
        @Valid @Nullable EvaluationSpec evaluation,
        @Schema(
                        description = "Moved to the last version when the job completes.",
                        example = "champion")
                @Nullable AliasName alias) {

    /**
     * @param base the frozen base, by number or alias; resolved when the job is submitted
     * @param publishAs the model whose versions the rounds become; the merged model gets {@code
     *     -merged} behind it
     */
    public record ModelSpec(
            @Schema(
                            description =
                                    "The frozen base model: name@number, name@alias, or name for"
                                            + " its latest.")
                    @NotNull
                    ModelPointer base,
            @Schema(
                            description =
                                    "The model whose versions the rounds become; '-merged' holds"
                                            + " the merged one.")
                    @NotNull
                    ModelName publishAs) {}
}
