/**
 * What an arm of an experiment gave, in figures, and what is asked of it.
 *
 * <p>May enter: sums and means of what the platform reported, and their comparison. <br>
 * Stays outside: how arms are run; files; pictures.
 */
@NullMarked
package dev.espalier.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
