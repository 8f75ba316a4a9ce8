/**
 * The registry as a process: its start and the beans that bring in time, chance and disk.
 *
 * <p>May enter: wiring. <br>
 * Stays outside: every rule about models, versions, aliases and blobs; they live in the rooms of
 * these names. <br>
 * Doors between the rooms: {@code alias} and {@code version} know {@code model}; {@code version}
 * knows {@code blob}; nobody else knows anybody.
 */
@NullMarked
package dev.espalier.registry;

import org.jspecify.annotations.NullMarked;
