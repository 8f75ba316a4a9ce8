package dev.espalier.protocol.work;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/**
 * A heartbeat of an agent at work.
 *
 * @param step done in this stage, of {@code steps}; both 0 where a stage has no steps
 * @param loss of the last step, in nats
 * @param etaSeconds until this stage ends
 */
public record Progress(
        @NotNull Stage stage,
        @PositiveOrZero int step,
        @PositiveOrZero int steps,
        @Nullable Double loss,
        @Nullable @PositiveOrZero Double examplesPerSecond,
        @Nullable @PositiveOrZero Double etaSeconds) {

    /** What the agent does right now. */
    public enum Stage {
        FETCHING,
        /** Measures losses for a selection, or which heads to keep. */
        SCORING,
        TRAINING,
        /** Steps are layers that calibration text went through and matrices that were pruned. */
        PRUNING,
        UPLOADING,
        EVALUATING
    }
}
