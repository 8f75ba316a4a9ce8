package dev.espalier.benchmarks.measure;

import org.jspecify.annotations.Nullable;

/**
 * What one arm gave, as goals look at it.
 *
 * @param figures means over its seeds
 * @param roundsToTarget mean over its seeds; absent where one of them never got there
 */
public record Result(Figures figures, @Nullable Double roundsToTarget) {}
