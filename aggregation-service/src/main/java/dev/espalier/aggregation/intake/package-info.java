/**
 * Where updates come in: streamed to disk, checked completely, and only then taken.
 *
 * <p>May enter: uploads and their tokens, what makes an update acceptable, the folders of updates.
 * <br>
 * Stays outside: what is done with an update once it counts. <br>
 * Knocks on: {@code session} (who is invited, and to take or refuse), {@code neighbour} (for the
 * parent that an update changes), {@code combine} (for what an update says that it holds), {@code
 * sparse} (for the matrices that it may prune).
 */
@NullMarked
package dev.espalier.aggregation.intake;

import org.jspecify.annotations.NullMarked;
