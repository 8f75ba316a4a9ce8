package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/**
 * Every client scores the attention heads of the received model on its own data, keeps the best and
 * trains only what belongs to them (algorithms.md A.3).
 *
 * @param sparsity share of heads that is pruned in the end, with at most six decimals: {@code T -
 *     floor(sparsity * T)} are kept, at least one
 * @param initialSparsity that of the first round, where it climbs; absent: {@code sparsity} from
 *     the start
 * @param rampRounds rounds of the phase after which {@code sparsity} is reached, in equal steps;
 *     absent with an initial sparsity: all rounds of the phase
 * @param ranking absent: from the top blocks down, or over the whole model where every block has to
 *     keep some
 * @param minPerBlock heads that every block keeps at least; absent: 0
 * @param mode absent: pruned heads stay in the forward pass
 * @param score absent: confidence
 * @param calibrationSamples texts on which heads are scored; absent: 64
 * @param excludeEosQuery the end of a text is not asked for its confidence; absent: true
 * @param excludeEosKey attention to the end of a text does not count; absent: true
 * @param skipSingleKeyQueries tokens that see one token only do not count; absent: true
 * @param forcedKeepAfter after so many rounds in which nobody kept a head, one client has to; 0:
 *     never. Absent: 3, and never where the ranking is TOP_BLOCKS
 */
@Schema(
        description =
                "Every client scores the attention heads on its own data, keeps the best and trains"
                        + " only what belongs to them.")
public record HeadPruningSpec(
        @Schema(description = "Share of heads that is pruned.", example = "0.9")
                @NotNull
                @DecimalMin("0")
                @DecimalMax(value = "1", inclusive = false)
                @Digits(integer = 1, fraction = 6)
                BigDecimal sparsity,
        @Schema(description = "Where the sparsity climbs: that of the first round.")
                @DecimalMin("0")
                @DecimalMax(value = "1", inclusive = false)
                @Digits(integer = 1, fraction = 6)
                @Nullable BigDecimal initialSparsity,
        @Schema(description = "Rounds after which the full sparsity is reached, in equal steps.")
                @Min(2)
                @Max(10_000)
                @Nullable Integer rampRounds,
        @Schema(defaultValue = "TOP_BLOCKS") Ranking ranking,
        @Schema(defaultValue = "0") @PositiveOrZero Integer minPerBlock,
        @Schema(defaultValue = "FREEZE") Mode mode,
        @Schema(defaultValue = "CONFIDENCE") Score score,
        @Schema(defaultValue = "64") @Min(1) @Max(100_000) Integer calibrationSamples,
        @Schema(defaultValue = "true") Boolean excludeEosQuery,
        @Schema(defaultValue = "true") Boolean excludeEosKey,
        @Schema(defaultValue = "true") Boolean skipSingleKeyQueries,
        @Schema(
                        description =
                                "After so many rounds in which nobody kept a head, one client has"
                                        + " to; 0: never. Default: 3, with TOP_BLOCKS never.")
                @PositiveOrZero
                Integer forcedKeepAfter) {

    /** Among which heads the best are sought (algorithms.md A.8 #3). */
    public enum Ranking {
        /** Among all heads of the model. */
        GLOBAL,
        /** In each block by itself. */
        PER_BLOCK,
        /**
         * Ours: the last blocks are filled first, each with its heads in order of score, so that
         * less of the model is run backward.
         */
        TOP_BLOCKS
    }

    /** What becomes of a pruned head during local training (algorithms.md A.8 #5). */
    public enum Mode {
        /** It is taken out: it costs neither time nor memory, and gives nothing. */
        REMOVE,
        /** It stays in the forward pass; its adapter is not trained. */
        FREEZE
    }

    /** What a head is judged by. */
    public enum Score {
        /** The mean of its largest attention weights (Voita et al. 2019). */
        CONFIDENCE,
        /** Baseline: a seeded draw. */
        RANDOM,
        /** Baseline: the norm of its weights in the base. */
        MAGNITUDE,
        /** Baseline: what the loss loses with it, to first order (Michel et al. 2019). */
        IMPORTANCE
    }

    public HeadPruningSpec {
        minPerBlock = minPerBlock == null ? 0 : minPerBlock;
        Ranking usual = minPerBlock > 0 ? Ranking.GLOBAL : Ranking.TOP_BLOCKS;
        ranking = ranking == null ? usual : ranking;
        mode = mode == null ? Mode.FREEZE : mode;
        score = score == null ? Score.CONFIDENCE : score;
        calibrationSamples = calibrationSamples == null ? 64 : calibrationSamples;
        excludeEosQuery = excludeEosQuery == null || excludeEosQuery;
        excludeEosKey = excludeEosKey == null || excludeEosKey;
        skipSingleKeyQueries = skipSingleKeyQueries == null || skipSingleKeyQueries;
        forcedKeepAfter =
                forcedKeepAfter == null ? (ranking == Ranking.TOP_BLOCKS ? 0 : 3) : forcedKeepAfter;
    }

    /**
     * The share of heads to prune in one round.
     *
     * @param roundOfPhase from 1
     * @param rounds of the phase
     */
    public BigDecimal sparsityIn(int roundOfPhase, int rounds) {
        if (initialSparsity == null) {
            return sparsity;
        }
        int ramp = rampRounds == null ? rounds : rampRounds;
        if (roundOfPhase >= ramp) {
            return sparsity;
        }
        BigDecimal climbed = sparsity.subtract(initialSparsity);
        return initialSparsity.add(
                climbed.multiply(BigDecimal.valueOf(roundOfPhase - 1L))
                        .divide(BigDecimal.valueOf(ramp - 1L), MathContext.DECIMAL64));
    }
}
