/**
 * Who takes part: pure functions from a snapshot of the fleet to a decision with reasons.
 *
 * <p>May enter: eligibility, cohort policies, quorum arithmetic, seeded draws. <br>
 * Stays outside: HTTP, SQL, and any clock or chance that was not handed in.
 */
@NullMarked
package dev.espalier.orchestrator.selection;

import org.jspecify.annotations.NullMarked;
