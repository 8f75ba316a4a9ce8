/**
 * The one catalogue of refusals that may cross the wire (RFC 9457).
 *
 * <p>May enter: problem types. A new refusal is one line here. <br>
 * Stays outside: how a service renders or a client logs them.
 */
@NullMarked
package dev.espalier.protocol.problem;

import org.jspecify.annotations.NullMarked;
