package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterWeights;

/**
 * What one optimiser step did to the trained values; all three have the same names and shapes.
 *
 * @param before values that the gradients were computed at
 * @param gradients as the optimiser took them, so after clipping
 * @param after values that the optimiser made of them
 */
public record StepChange(AdapterWeights before, AdapterWeights gradients, AdapterWeights after) {}
