/**
 * Pieces of work from the moment they are planned until their agent has said how they ended.
 *
 * <p>May enter: the agents' desk (poll, progress, outcome), upload tokens. <br>
 * Stays outside: why a piece of work exists and what its outcome means for a round.
 */
@NullMarked
package dev.espalier.orchestrator.assignment;

import org.jspecify.annotations.NullMarked;
