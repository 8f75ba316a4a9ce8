package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.espalier.protocol.DataName;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import org.jspecify.annotations.Nullable;

/**
 * The global model is evaluated on the held-out data of the agents with the role EVALUATE.
 *
 * @param data logical name of the test data
 * @param everyRounds absent: after every round; the last round is always evaluated
 * @param clientData on which the same versions are evaluated too: data that clients hold out, each
 *     with the role EVALUATE, so that every one of them is told of by itself; absent: on none
 * @param finalData on which the last round's version is evaluated as well, so that a test set can
 *     be kept out of sight until the end; absent: on none
 */
public record EvaluationSpec(
        @NotNull DataName data,
        @Schema(defaultValue = "1") @Min(1) @Max(10_000) Integer everyRounds,
        @Schema(
                        description =
                                "Data that clients hold out, on which the same versions are"
                                        + " evaluated too.")
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Nullable DataName clientData,
        @Schema(
                        description =
                                "On which the last round's version is evaluated as well, and no"
                                        + " other.")
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Nullable DataName finalData) {

    public EvaluationSpec {
        everyRounds = everyRounds == null ? 1 : everyRounds;
    }
}
