/**
 * The program a data owner runs beside the data: one or several agents that ask for work, train on
 * private text and hand in updates.
 *
 * <p>May enter: starting, settings, wiring. The rooms below hold the rest: {@code poll}, {@code
 * data}, {@code model}, {@code work}, {@code upload}, {@code journal}, {@code neighbour}.
 */
@NullMarked
package dev.espalier.agent;

import org.jspecify.annotations.NullMarked;
