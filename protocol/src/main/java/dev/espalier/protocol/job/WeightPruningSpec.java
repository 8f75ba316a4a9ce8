package dev.espalier.protocol.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/**
 * What every client makes of the base's linear layers, each on calibration text of its own
 * (algorithms.md C.3, C.4). Exactly one of {@code sparsity} and {@code pattern}.
 *
 * @param sparsity share of every matrix that is zero in the end, with at most six decimals
 * @param pattern N:M, N kept of every M weights that read neighbouring inputs
 * @param schedule absent: in equal steps over the rounds of the phase
 * @param pruner absent: Wanda
 * @param cutRule absent: exact
 * @param calibrationSamples texts, or windows of text, of each client; absent: 32
 * @param dampening SPARSE_GPT: added to the diagonal of the Hessian, as a share of its mean;
 *     absent: 0.01
 * @param blockSize SPARSE_GPT: columns in which the entries to drop are chosen at once; absent: 128
 */
@Schema(description = "How every client prunes the base's linear layers on data of its own.")
public record WeightPruningSpec(
        @Schema(description = "Share of every matrix that is zero in the end.", example = "0.5")
                @DecimalMin("0")
                @DecimalMax(value = "1", inclusive = false)
                @Digits(integer = 1, fraction = 6)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Nullable BigDecimal sparsity,
        @Schema(description = "N:M, instead of a share: N kept of every M weights in a row.")
                @Pattern(
                        regexp = "[1-9][0-9]{0,2}:[1-9][0-9]{0,2}",
                        message = "must be N:M, such as 2:4")
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Nullable String pattern,
        @Schema(defaultValue = "LINEAR") Schedule schedule,
        @Schema(defaultValue = "WANDA") Pruner pruner,
        @Schema(defaultValue = "EXACT") CutRule cutRule,
        @Schema(defaultValue = "32") @Min(1) @Max(100_000) Integer calibrationSamples,
        @Schema(defaultValue = "0.01") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1")
                Double dampening,
        @Schema(defaultValue = "128") @Min(1) @Max(100_000) Integer blockSize) {

    /** How the sparsity grows over the rounds of a phase (algorithms.md C.8 #1). */
    public enum Schedule {
        /** {@code s * t / T} in round t of T. */
        LINEAR,
        /** The whole sparsity in every round. */
        CONSTANT
    }

    /** By what a weight is judged (algorithms.md C.4). */
    public enum Pruner {
        /** Its own size; reads no text. */
        MAGNITUDE,
        /** Its size times the norm of what it reads; kept weights stay as they are. */
        WANDA,
        /** What its loss costs the layer's output; kept weights are corrected. */
        SPARSE_GPT;

        /** Whether kept weights get new values, which have to travel with the mask. */
        @JsonIgnore
        public boolean changesValues() {
            return this == SPARSE_GPT;
        }
    }

    /** How many entries go, where scores are equal or the share is no whole number. */
    public enum CutRule {
        /** {@code floor(sparsity * D)}, no more. */
        EXACT,
        /** All scores up to the threshold, as the pruners' official code does: one entry more. */
        REFERENCE
    }

    /**
     * N:M in numbers.
     *
     * @param kept of each group
     * @param size of a group
     */
    public record Groups(int kept, int size) {

        public int dropped() {
            return size - kept;
        }
    }

    public WeightPruningSpec {
        schedule = schedule == null ? Schedule.LINEAR : schedule;
        pruner = pruner == null ? Pruner.WANDA : pruner;
        cutRule = cutRule == null ? CutRule.EXACT : cutRule;
        calibrationSamples = calibrationSamples == null ? 32 : calibrationSamples;
        dampening = dampening == null ? 0.01 : dampening;
        blockSize = blockSize == null ? 128 : blockSize;
    }

    /**
     * The share of every matrix that is to be zero after one round; null where there is a pattern.
     *
     * @param roundOfPhase from 1
     * @param rounds of the phase
     */
    public @Nullable BigDecimal sparsityIn(int roundOfPhase, int rounds) {
        if (sparsity == null || schedule == Schedule.CONSTANT || roundOfPhase >= rounds) {
            return sparsity;
        }
        return sparsity.multiply(BigDecimal.valueOf(roundOfPhase))
                .divide(BigDecimal.valueOf(rounds), MathContext.DECIMAL64);
    }

    /** Null where there is a share instead. */
    @JsonIgnore
    public @Nullable Groups groups() {
        if (pattern == null) {
            return null;
        }
        int colon = pattern.indexOf(':');
        return new Groups(
                Integer.parseInt(pattern, 0, colon, 10),
                Integer.parseInt(pattern, colon + 1, pattern.length(), 10));
    }
}
