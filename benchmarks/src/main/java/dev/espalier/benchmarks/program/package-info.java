/**
 * The program {@code espalier} with the command {@code experiment} added.
 *
 * <p>May enter: options, and the order of preparing, forecasting, running and reporting. <br>
 * Stays outside: what an experiment compares.
 */
@NullMarked
package dev.espalier.benchmarks.program;

import org.jspecify.annotations.NullMarked;
