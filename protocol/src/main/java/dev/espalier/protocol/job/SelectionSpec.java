package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;

/**
 * How the cohort of a round is chosen from the agents that are alive and eligible (algorithms.md
 * D.4).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "policy")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SelectionSpec.All.class, name = "ALL"),
    @JsonSubTypes.Type(value = SelectionSpec.Uniform.class, name = "UNIFORM")
})
@Schema(
        discriminatorProperty = "policy",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "ALL", schema = SelectionSpec.All.class),
            @DiscriminatorMapping(value = "UNIFORM", schema = SelectionSpec.Uniform.class)
        },
        oneOf = {SelectionSpec.All.class, SelectionSpec.Uniform.class})
public sealed interface SelectionSpec {

    /** Everyone who has training examples. */
    @Schema(name = "SelectAll", description = "Everyone who is alive and has training examples.")
    record All() implements SelectionSpec {}

    /**
     * Without replacement, by the job's seed: {@code max(1, floor(fraction * eligible))} agents.
     */
    @Schema(name = "SelectUniform", description = "A seeded uniform draw without replacement.")
    record Uniform(
            @Schema(example = "0.5") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1")
                    double fraction)
            implements SelectionSpec {}
}
