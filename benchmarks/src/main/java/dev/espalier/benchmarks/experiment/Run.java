package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of one arm with one seed.
 *
 * @param heads absent where no heads are pruned
 * @param components absent where all clients train all of them
 */
public record Run(
        String arm,
        long seed,
        JobView job,
        List<RoundView> rounds,
        @Nullable HeadMap heads,
        @Nullable ComponentMap components) {}
