/**
 * What a user asks for (the job specification) and what a user sees of it: jobs, rounds, events,
 * reports.
 *
 * <p>May enter: messages of the orchestrator's operator API. <br>
 * Stays outside: how a job is run.
 */
@NullMarked
package dev.espalier.protocol.job;

import org.jspecify.annotations.NullMarked;
