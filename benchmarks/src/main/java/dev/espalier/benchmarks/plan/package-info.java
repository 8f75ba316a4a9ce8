/**
 * How long an experiment will take: steps are counted, and one of them is measured here and now.
 *
 * <p>May enter: counting, and a stopwatch around single steps of the language model. <br>
 * Stays outside: results; nothing that is measured here enters a report's figures.
 */
@NullMarked
package dev.espalier.benchmarks.plan;

import org.jspecify.annotations.NullMarked;
