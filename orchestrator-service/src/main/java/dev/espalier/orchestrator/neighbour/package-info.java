/**
 * The two other services as this one needs them.
 *
 * <p>May enter: one interface for each neighbour, the HTTP behind it, how their failures look from
 * here. <br>
 * Stays outside: what a failure means for a job.
 */
@NullMarked
package dev.espalier.orchestrator.neighbour;

import org.jspecify.annotations.NullMarked;
