/**
 * The experiment on rank-1 components: which arms, with which tiers, in which sizes, with which
 * goals.
 *
 * <p>May enter: job specifications and numbers. <br>
 * Stays outside: how an experiment is run and told.
 */
@NullMarked
package dev.espalier.benchmarks.ranks;

import org.jspecify.annotations.NullMarked;
