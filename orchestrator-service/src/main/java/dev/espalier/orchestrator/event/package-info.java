/**
 * The journal of a job: everything that happened to it, stored first and then streamed.
 *
 * <p>May enter: kinds of events, their order, the stream of them. <br>
 * Stays outside: what an event leads to; nothing is decided by reading the journal.
 */
@NullMarked
package dev.espalier.orchestrator.event;

import org.jspecify.annotations.NullMarked;
