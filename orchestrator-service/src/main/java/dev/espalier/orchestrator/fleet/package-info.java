/**
 * The agents that may call: who they are, what they can do, when they were last heard of.
 *
 * <p>May enter: enrolment, secrets as hashes, capabilities, heartbeats, the caller of a request.
 * <br>
 * Stays outside: what an agent works on; that is asked through {@link
 * dev.espalier.orchestrator.fleet.AgentWork}.
 */
@NullMarked
package dev.espalier.orchestrator.fleet;

import org.jspecify.annotations.NullMarked;
