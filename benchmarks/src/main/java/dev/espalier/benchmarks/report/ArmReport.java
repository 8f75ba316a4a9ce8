package dev.espalier.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.espalier.benchmarks.measure.Curve;
import dev.espalier.benchmarks.measure.Figures;
import dev.espalier.protocol.job.PhaseSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One arm: every figure is the mean over its seeds.
 *
 * @param roundsToTarget null where a seed never reached it
 * @param macsToTarget whole model, scoring included; null where a seed never reached it
 * @param phase all in which its job differs from those of the other arms
 */
public record ArmReport(
        @JsonUnwrapped Figures figures,
        @Nullable Double roundsToTarget,
        @Nullable Long macsToTarget,
        List<Long> seeds,
        List<Seed> perSeed,
        PhaseSpec.FineTune phase) {

    /**
     * One run.
     *
     * @param cohorts names of the agents that were drawn, by round
     * @param curve on validation data
     */
    public record Seed(
            long seed,
            String job,
            @JsonUnwrapped Figures figures,
            @Nullable Integer roundsToTarget,
            @Nullable Long macsToTarget,
            List<List<String>> cohorts,
            List<Curve.Point> curve) {}
}
