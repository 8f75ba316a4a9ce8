/**
 * The service that runs federation jobs: it keeps the fleet, draws cohorts, hands out work, and
 * says what became of it.
 *
 * <p>May enter: the wiring of the service. <br>
 * Stays outside: every decision; those are made in the rooms. Tensors never come in.
 */
@NullMarked
package dev.espalier.orchestrator;

import org.jspecify.annotations.NullMarked;
