/**
 * The experiment on attention heads: which arms, on which data, in which sizes, with which goals.
 *
 * <p>May enter: job specifications and numbers. <br>
 * Stays outside: how an experiment is run and told.
 */
@NullMarked
package dev.espalier.benchmarks.heads;

import org.jspecify.annotations.NullMarked;
