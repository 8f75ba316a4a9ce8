/**
 * The life of one round, from the draw of its cohort to its evaluation.
 *
 * <p>May enter: states of a round, its transitions, deadlines, what became of each client. <br>
 * Stays outside: jobs and their phases; a round is told its {@link
 * dev.espalier.orchestrator.round.RoundOrder}. <br>
 * Knocks on: {@code selection} for a cohort, {@code assignment} to have the work done, {@code
 * neighbour} to have it combined.
 */
@NullMarked
package dev.espalier.orchestrator.round;

import org.jspecify.annotations.NullMarked;
