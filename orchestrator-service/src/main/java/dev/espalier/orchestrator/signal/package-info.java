/**
 * How a change that has been stored wakes those who wait for it, in this process at once.
 *
 * <p>May enter: ways to wait and to wake. <br>
 * Stays outside: what the change is; whoever is woken reads that from the database.
 */
@NullMarked
package dev.espalier.orchestrator.signal;

import org.jspecify.annotations.NullMarked;
