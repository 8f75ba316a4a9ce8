package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.job.JobSpecification;

/**
 * One arm with one seed, ready to be submitted.
 *
 * @param key under which the platform knows it again
 */
public record Turn(String arm, long seed, JobSpecification job, String key) {

    /** For people. */
    @Override
    public String toString() {
        return arm + ", seed " + seed;
    }
}
