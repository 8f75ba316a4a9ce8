/**
 * An agent's talk with the orchestrator: enrolment, polls, heartbeats, outcomes.
 *
 * <p>May enter: messages of the agent API, when to say them, and what to do when nobody listens.
 * <br>
 * Stays outside: how work is done; the owner's data.
 */
@NullMarked
package dev.espalier.agent.poll;

import org.jspecify.annotations.NullMarked;
