package dev.espalier.benchmarks.experiment;

import dev.espalier.local.federation.AgentPlan;

/**
 * An agent of a study and how much it holds.
 *
 * @param rows in its file; of running text about as many windows as there are in it
 */
public record Holding(AgentPlan agent, int rows) {}
