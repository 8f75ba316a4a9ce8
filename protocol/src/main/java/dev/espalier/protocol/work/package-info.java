/**
 * What agents and the orchestrator say to each other: enrolment, polls, assignments, progress,
 * outcomes.
 *
 * <p>May enter: messages of the agent API and the most they may say. <br>
 * Stays outside: private text in any form.
 */
@NullMarked
package dev.espalier.protocol.work;

import org.jspecify.annotations.NullMarked;
