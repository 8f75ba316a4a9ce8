package dev.espalier.protocol.job;

import dev.espalier.protocol.DataName;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;

/**
 * The global model is evaluated on the held-out data of the agents with the role EVALUATE.
 *
 * @param data logical name of the test data
 * @param everyRounds absent: after every round; the last round is always evaluated
 */
public record EvaluationSpec(
        @NotNull DataName data,
        @Schema(defaultValue = "1") @Min(1) @Max(10_000) Integer everyRounds) {

    public EvaluationSpec {
        everyRounds = everyRounds == null ? 1 : everyRounds;
    }
}
