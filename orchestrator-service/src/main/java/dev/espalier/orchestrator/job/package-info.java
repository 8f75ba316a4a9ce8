/**
 * Federation jobs: what may be asked for, where a job stands, and the steps that carry it on.
 *
 * <p>May enter: the operator's API, validation of specifications, states of a job, its durable
 * steps. <br>
 * Stays outside: what happens inside a round.
 */
@NullMarked
package dev.espalier.orchestrator.job;

import org.jspecify.annotations.NullMarked;
