package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;

/**
 * One arm with one seed, ready to be submitted.
 *
 * @param key under which the platform knows it again
 */
public record Turn(String arm, long seed, JobSpecification job, String key) {

    /** Of all phases. */
    int rounds() {
        return job.phases().stream().mapToInt(PhaseSpec::rounds).sum();
    }

    /** For people. */
    @Override
    public String toString() {
        return arm + ", seed " + seed;
    }
}
