package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;

/**
 * How the importance of a rank-1 component is measured (algorithms.md B.3): the mean over its row
 * of A plus the mean over its column of B of a smoothed sensitivity.
 *
 * @param score absent: the smoothed sensitivity
 * @param source absent: the server, from what an update changed
 * @param beta1 of the sensitivity, absent: 0.85 (AdaLoRA's)
 * @param beta2 of its uncertainty, absent: 0.85 (AdaLoRA's)
 */
@Schema(description = "How the importance of a rank-1 component is measured.")
public record ImportanceSpec(
        @Schema(defaultValue = "SMOOTHED") Score score,
        @Schema(defaultValue = "UPDATE_PROXY") Source source,
        @Schema(defaultValue = "0.85") @DecimalMin("0") @DecimalMax(value = "1", inclusive = false)
                Double beta1,
        @Schema(defaultValue = "0.85") @DecimalMin("0") @DecimalMax(value = "1", inclusive = false)
                Double beta2) {

    static final ImportanceSpec DEFAULT =
            new ImportanceSpec(Score.SMOOTHED, Source.UPDATE_PROXY, 0.85, 0.85);

    /** What is ranked (algorithms.md B.8 #1). */
    public enum Score {
        /** The smoothed sensitivity. */
        SMOOTHED,
        /** The smoothed sensitivity times its uncertainty. */
        ADALORA
    }

    /** Who measures, and over what it is smoothed (algorithms.md B.8 #2, #3). */
    public enum Source {
        /** The server, {@code |w_new (w_old - w_new)|}, over rounds; nothing more is uploaded. */
        UPDATE_PROXY,
        /** Every client, {@code |w g|}, over its steps; one number per component is uploaded. */
        CLIENT_GRADIENT
    }

    public ImportanceSpec {
        score = score == null ? Score.SMOOTHED : score;
        source = source == null ? Source.UPDATE_PROXY : source;
        beta1 = beta1 == null ? 0.85 : beta1;
        beta2 = beta2 == null ? 0.85 : beta2;
    }
}
