package dev.espalier.benchmarks.training;

/**
 * What a block of steps took.
 *
 * @param cpuMillis processor time of all threads of the process, per step
 * @param wallMillis per step
 * @param loss of the last step
 */
record Spent(double cpuMillis, double wallMillis, double loss) {}
