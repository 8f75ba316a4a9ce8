/**
 * The aggregation service: takes the updates of a round, checks every byte of them, combines them
 * and publishes what comes out.
 *
 * <p>May enter: starting the service, its clock, its folders, and what all rooms need of the
 * machine. <br>
 * Stays outside: anything about rounds; that is in the rooms. It does not know what a transformer
 * is, only tensors with names and shapes. <br>
 * Rooms: {@code session} (one per round), {@code intake} (uploads), {@code combine} (rules), {@code
 * importance} (of components), {@code sparse} (pruned bases), {@code publish} (what comes out),
 * {@code neighbour} (the registry).
 */
@NullMarked
package dev.espalier.aggregation;

import org.jspecify.annotations.NullMarked;
