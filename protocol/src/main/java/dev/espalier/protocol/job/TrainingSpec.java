package dev.espalier.protocol.job;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

/**
 * Local training with AdamW (decoupled weight decay).
 *
 * @param localEpochs passes over the client's examples per round; absent: 1
 * @param batchSize absent: 16
 * @param schedule of the learning rate over the steps of one round; absent: constant
 * @param warmup share of the round's steps over which the rate climbs from 0; absent: 0
 * @param clipNorm largest L2 norm of a step's gradient; absent: 1
 * @param maxExamples largest number of examples per client and round, drawn by seed; absent: all
 */
public record TrainingSpec(
        @Schema(defaultValue = "1") @Min(1) @Max(1000) Integer localEpochs,
        @Schema(defaultValue = "16") @Min(1) @Max(4096) Integer batchSize,
        @Schema(example = "0.0005") @Positive @DecimalMax("1") double learningRate,
        @Schema(defaultValue = "CONSTANT") LearningRateSchedule schedule,
        @Schema(defaultValue = "0") @DecimalMin("0") @DecimalMax("1") Double warmup,
        @Schema(defaultValue = "0.01") @DecimalMin("0") @DecimalMax("1") Double weightDecay,
        @Schema(defaultValue = "1") @Positive Double clipNorm,
        @Schema(description = "Per client and round, drawn by seed. Default: all.") @Min(1)
                @Nullable Integer maxExamples) {

    /** The learning rate over the steps of one round, after the warm-up. */
    public enum LearningRateSchedule {
        CONSTANT,
        LINEAR,
        COSINE
    }

    public TrainingSpec {
        localEpochs = localEpochs == null ? 1 : localEpochs;
        batchSize = batchSize == null ? 16 : batchSize;
        schedule = schedule == null ? LearningRateSchedule.CONSTANT : schedule;
        warmup = warmup == null ? 0.0 : warmup;
        weightDecay = weightDecay == null ? 0.01 : weightDecay;
        clipNorm = clipNorm == null ? 1.0 : clipNorm;
    }
}
