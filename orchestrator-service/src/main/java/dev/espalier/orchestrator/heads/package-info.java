/**
 * Attention heads of a job's base: how many a round keeps, which one somebody has to keep, and what
 * the clients made of them.
 *
 * <p>May enter: pure functions of sparsity, of what was kept before, and of the head map. <br>
 * Stays outside: which heads a client keeps, that is its own choice; rounds, HTTP and SQL.
 */
@NullMarked
package dev.espalier.orchestrator.heads;

import org.jspecify.annotations.NullMarked;
