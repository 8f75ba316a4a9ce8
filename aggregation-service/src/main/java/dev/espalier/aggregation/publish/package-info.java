/**
 * What comes out: first adapters, the version of each round, merged models, as folders that other
 * tools read.
 *
 * <p>May enter: making the files of a version, the worker behind sealed rounds, publishing under a
 * key so that twice is once. <br>
 * Stays outside: who may hand in what, and the arithmetic of rules. <br>
 * Knocks on: {@code session} (for sealed rounds), {@code intake} (where updates lie), {@code
 * combine}, {@code sparse}, {@code importance}, {@code neighbour} (to fetch and publish).
 */
@NullMarked
package dev.espalier.aggregation.publish;

import org.jspecify.annotations.NullMarked;
