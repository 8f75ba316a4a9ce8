package dev.espalier.orchestrator.selection;

import org.jspecify.annotations.Nullable;

/**
 * What an agent measured on its own training rows, in nats.
 *
 * @param global of the version that a cohort would train from
 * @param own of the agent's own last adapter; absent: it has none
 * @param round in which it measured
 */
public record Losses(double global, @Nullable Double own, int round) {}
