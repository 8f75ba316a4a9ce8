package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.job.PhaseSpec;

/**
 * One of the ways to train that a study compares.
 *
 * @param name in the report
 * @param phase all in which it may differ from the others
 */
public record Arm(String name, PhaseSpec.FineTune phase) {}
