/**
 * Rank-1 components of a job's adapter: how many a client trains, which ones, how precisely it
 * sends them, and what the clients made of them (algorithms.md B).
 *
 * <p>May enter: pure functions of what agents told that they can do, of importances and ages after
 * earlier rounds, and of the component map. <br>
 * Stays outside: importances themselves, the aggregation service measures them; rounds, HTTP and
 * SQL.
 */
@NullMarked
package dev.espalier.orchestrator.ranks;

import org.jspecify.annotations.NullMarked;
