/**
 * How much the loss would feel the loss of a trained value, followed over many steps.
 *
 * <p>May enter: scores of elements and of rank-1 components, their smoothing, their stored state.
 * <br>
 * Stays outside: choosing ranks, the engine, and how gradients come about. <br>
 * Knocks on: {@code train} for the values and gradients of a step, {@code adapter} for names and
 * parts.
 */
@NullMarked
package dev.espalier.lm.sensitivity;

import org.jspecify.annotations.NullMarked;
