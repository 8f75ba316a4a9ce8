/**
 * The services as a caller from outside sees them: plain HTTP, the messages of {@code protocol},
 * problems as exceptions that a person can read.
 *
 * <p>May enter: calls of the operator API and of the registry. <br>
 * Stays outside: the services' own classes; anything that an agent says.
 */
@NullMarked
package dev.espalier.local.platform;

import org.jspecify.annotations.NullMarked;
