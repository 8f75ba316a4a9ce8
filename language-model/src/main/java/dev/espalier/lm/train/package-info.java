/**
 * Turning examples into better adapter values, and measuring how good values are.
 *
 * <p>May enter: order of examples, schedules, optimiser, checkpoints, evaluation runs. <br>
 * Stays outside: clocks, files of examples, text. The caller times and stops a run. <br>
 * Knocks on: {@code base} for a model, {@code adapter} for what is trained, {@code metric}.
 */
@NullMarked
package dev.espalier.lm.train;

import org.jspecify.annotations.NullMarked;
