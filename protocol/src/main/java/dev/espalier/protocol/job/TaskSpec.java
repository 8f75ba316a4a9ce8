package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param labels in the order of the classifier's outputs; none where nothing is classified
 * @param maxLength longest input in tokens, special tokens included; longer texts are cut. Where
 *     text is continued: the window, in tokens; texts are joined and cut into windows of just that
 *     length
 * @param maxTargetLength longest text to write, in tokens, its end included; only where text is
 *     written, and then absent: 64
 */
public record TaskSpec(
        @NotNull TaskKind kind,
        @Schema(
                        description =
                                "In the order of the classifier's outputs; none where nothing is"
                                        + " classified.",
                        example = "[\"ham\", \"spam\"]")
                @NotNull
                @Size(max = 1000)
                List<@NotNull @Size(min = 1, max = 100) String> labels,
        @Schema(
                        description =
                                "Longest input in tokens; longer texts are cut."
                                        + " CAUSAL_LANGUAGE_MODELLING: length of the windows that"
                                        + " the joined texts are cut into.",
                        defaultValue = "128",
                        example = "64")
                @Min(8)
                @Max(4096)
                Integer maxLength,
        @Schema(description = "TEXT_TO_TEXT: longest text to write, in tokens. Default: 64.")
                @Min(2)
                @Max(4096)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Nullable Integer maxTargetLength) {

    public TaskSpec {
        labels = labels == null ? List.of() : labels;
        maxLength = maxLength == null ? 128 : maxLength;
        if (maxTargetLength == null && kind == TaskKind.TEXT_TO_TEXT) {
            maxTargetLength = 64;
        }
    }

    /** Telling these classes apart. */
    public static TaskSpec classification(List<String> labels, int maxLength) {
        return new TaskSpec(TaskKind.SEQUENCE_CLASSIFICATION, labels, maxLength, null);
    }

    /**
     * Continuing texts.
     *
     * @param window in tokens
     */
    public static TaskSpec languageModelling(int window) {
        return new TaskSpec(TaskKind.CAUSAL_LANGUAGE_MODELLING, List.of(), window, null);
    }
}
