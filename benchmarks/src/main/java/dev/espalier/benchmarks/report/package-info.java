/**
 * What an experiment gave, for programs: one JSON file.
 *
 * <p>May enter: figures, verdicts, the machine and the settings behind them. <br>
 * Stays outside: how it was run; text and pictures for people.
 */
@NullMarked
package dev.espalier.benchmarks.report;

import org.jspecify.annotations.NullMarked;
