package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;

/**
 * @param labels in the order of the classifier's outputs
 * @param maxLength longest input in tokens, special tokens included; longer texts are cut
 */
public record TaskSpec(
        @NotNull TaskKind kind,
        @Schema(
                        description = "In the order of the classifier's outputs.",
                        example = "[\"ham\", \"spam\"]")
                @NotNull
                @Size(min = 2, max = 1000)
                List<@NotNull @Size(min = 1, max = 100) String> labels,
        @Schema(
                        description = "Longest input in tokens; longer texts are cut.",
                        defaultValue = "128",
                        example = "64")
                @Min(8)
                @Max(4096)
                Integer maxLength) {

    public TaskSpec {
        labels = labels == null ? List.of() : labels;
        maxLength = maxLength == null ? 128 : maxLength;
    }
}
