/**
 * What an update is: the scope it covers, the layout it must fit, its manifest, and the session
 * that takes it.
 *
 * <p>May enter: messages between agents, orchestrator and aggregation service about updates;
 * layouts as pure functions. <br>
 * Stays outside: tensor values and arithmetic.
 */
@NullMarked
package dev.espalier.protocol.update;

import org.jspecify.annotations.NullMarked;
