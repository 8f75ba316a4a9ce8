/**
 * What rank-1 components are worth, who trained them, and what of that lasts from round to round.
 *
 * <p>May enter: sensitivities and their smoothing, the file that carries them from version to
 * version, what is told of it. Pure: files in, file out. <br>
 * Stays outside: which components a client is given, sessions, HTTP, the registry. <br>
 * Knocks on: {@code combine} (for what updates hold).
 */
@NullMarked
package dev.espalier.aggregation.importance;

import org.jspecify.annotations.NullMarked;
