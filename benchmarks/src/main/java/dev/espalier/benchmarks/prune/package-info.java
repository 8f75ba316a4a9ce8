/**
 * The experiment on pruning: many owners prune one language model together (algorithms.md C).
 *
 * <p>May enter: its arms, its sizes and its goals. <br>
 * Stays outside: how arms are run and reported.
 */
@NullMarked
package dev.espalier.benchmarks.prune;

import org.jspecify.annotations.NullMarked;
