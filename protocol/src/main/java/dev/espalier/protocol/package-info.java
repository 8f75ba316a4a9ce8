/**
 * The names by which processes know things: agents, models, versions, jobs, rounds, digests.
 *
 * <p>May enter: ids and names that appear in URLs and messages, each parsed at the edge. <br>
 * Stays outside: rules of any service, HTTP clients, Spring.
 */
@NullMarked
package dev.espalier.protocol;

import org.jspecify.annotations.NullMarked;
