package dev.espalier.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.espalier.benchmarks.measure.Curve;
import dev.espalier.benchmarks.measure.Figures;
import dev.espalier.benchmarks.measure.Result;
import dev.espalier.protocol.job.PhaseSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One arm: every figure is the mean over its seeds.
 *
 * @param target validation accuracy that {@code roundsToTarget} asks for, mean over the seeds; the
 *     same for every arm
 * @param roundsToTarget null where a seed never reached it
 * @param macsToTarget whole model, scoring included; null where a seed never reached it
 * @param phases all in which its job differs from those of the other arms
 */
public record ArmReport(
        @JsonUnwrapped Figures figures,
        @Nullable Double target,
        @Nullable Double roundsToTarget,
        @Nullable Long macsToTarget,
        List<Long> seeds,
        List<Seed> perSeed,
        List<PhaseSpec> phases) {

    /** As goals look at it. */
    Result result() {
        return new Result(figures, roundsToTarget);
    }

    /**
     * One run.
     *
     * @param target the share of what the reference arm ended at with this seed
     * @param cohorts names of the agents that were drawn, by round
     * @param curve on validation data
     */
    public record Seed(
            long seed,
            String job,
            @JsonUnwrapped Figures figures,
            @Nullable Double target,
            @Nullable Integer roundsToTarget,
            @Nullable Long macsToTarget,
            List<List<String>> cohorts,
            List<Curve.Point> curve) {}
}
