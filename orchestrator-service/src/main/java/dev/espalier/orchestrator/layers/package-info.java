/**
 * Transformer layers of a job's base: which of them a client prunes in a round, and how sparse they
 * came out.
 *
 * <p>May enter: pure functions of what clients can do and of a seed. <br>
 * Stays outside: how a layer is pruned; rounds, HTTP and SQL. <br>
 * Knocks on: {@code selection}, for its keys and for what an agent must offer.
 */
@NullMarked
package dev.espalier.orchestrator.layers;

import org.jspecify.annotations.NullMarked;
