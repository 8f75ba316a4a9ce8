/**
 * The lines to the three services, and the one way of trying again.
 *
 * <p>May enter: HTTP, addresses, problems, patience. <br>
 * Stays outside: what is asked of a service and what its answers mean; the owner's data.
 */
@NullMarked
package dev.espalier.agent.neighbour;

import org.jspecify.annotations.NullMarked;
