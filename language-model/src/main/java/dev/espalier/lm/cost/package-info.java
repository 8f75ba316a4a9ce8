/**
 * What work costs in multiply-accumulate operations, told without doing it.
 *
 * <p>May enter: counting formulas on the structure of a model. <br>
 * Stays outside: the engine, clocks, what an implementation saves or wastes. <br>
 * Knocks on: {@code family} for structures, {@code adapter} for its form.
 */
@NullMarked
package dev.espalier.lm.cost;

import org.jspecify.annotations.NullMarked;
