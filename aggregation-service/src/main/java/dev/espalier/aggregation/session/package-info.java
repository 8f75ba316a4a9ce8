/**
 * The life of one round here: opened, sealed, and then published, void or cancelled; with one seat
 * for each agent of its cohort.
 *
 * <p>May enter: states of a session and of a seat, the transitions between them, their rows in the
 * database. <br>
 * Stays outside: files, tensors, arithmetic, and any clock that was not handed in. <br>
 * Knocks on: {@code neighbour} (whether base and parent fit what is asked for), {@code combine}
 * (for the heads that an update kept).
 */
@NullMarked
package dev.espalier.aggregation.session;

import org.jspecify.annotations.NullMarked;
