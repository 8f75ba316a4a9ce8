/**
 * How fast the kernels are, measured by JMH, each beside the plain loop that it has to beat.
 *
 * <p>May enter: benchmarks, and made-up data of the sizes that rounds have. <br>
 * Stays outside: anything that a service or a test depends on; correctness is proved by tests,
 * never here. <br>
 * Knocks on: every library it measures.
 */
@NullMarked
package dev.espalier.benchmarks;

import org.jspecify.annotations.NullMarked;
