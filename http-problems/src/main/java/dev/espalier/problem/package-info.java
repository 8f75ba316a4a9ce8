/**
 * How the Spring services refuse: one exception, one advice, strict JSON, and the same refusals in
 * the OpenAPI document.
 *
 * <p>May enter: rendering of the problem catalogue, reading of protocol names from URLs. <br>
 * Stays outside: what is refused and why; that is decided in the rooms of the services.
 */
@NullMarked
package dev.espalier.problem;

import org.jspecify.annotations.NullMarked;
