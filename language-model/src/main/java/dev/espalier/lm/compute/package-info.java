/**
 * What every computation stands on: the engine, its threads, native memory for one step, seeded
 * chance.
 *
 * <p>May enter: care for the engine's sharp edges, written down once so that no formula has to know
 * them. <br>
 * Stays outside: anything that knows what a layer or a token is.
 */
@NullMarked
package dev.espalier.lm.compute;

import org.jspecify.annotations.NullMarked;
