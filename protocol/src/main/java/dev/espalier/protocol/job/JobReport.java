package dev.espalier.protocol.job;

import dev.espalier.protocol.work.Cost;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job has cost so far and what it reached. Up and down are counted apart.
 *
 * @param bytesTotal up and down together; down is all that was fetched for training and for
 *     choosing, the base model and what failed in vain included
 * @param denseBytesTotal the clients whose updates counted with dense adapters in f32, up and down,
 *     without any base model; so it compares with {@code bytesTotal} less {@code
 *     traffic.baseBytesDown}
 * @param trainSeconds sum over clients
 * @param target absent where none was asked for
 */
public record JobReport(
        JobState state,
        int rounds,
        RoundView.Traffic traffic,
        long bytesTotal,
        long denseBytesTotal,
        Cost cost,
        double trainSeconds,
        List<Point> curve,
        RoundView.@Nullable Evaluation finalEvaluation,
        @Nullable Target target) {

    /**
     * @param cost of all rounds up to this one
     * @param bytesUp of all rounds up to this one
     */
    public record Point(
            int round, RoundView.@Nullable Evaluation evaluation, Cost cost, long bytesUp) {}

    /**
     * @param accuracy that was asked for
     * @param round the first whose evaluation is at or above it, be it by one lucky round; absent:
     *     none is
     * @param cost of all rounds up to that one
     */
    public record Target(double accuracy, @Nullable Integer round, @Nullable Cost cost) {}
}
