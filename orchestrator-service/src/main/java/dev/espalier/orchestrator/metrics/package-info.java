/**
 * The numbers that a monitoring system reads: jobs by state, rounds, agents alive.
 *
 * <p>May enter: meters over what the other rooms keep. <br>
 * Stays outside: accuracy and losses of models; those belong to rounds and to the registry.
 */
@NullMarked
package dev.espalier.orchestrator.metrics;

import org.jspecify.annotations.NullMarked;
