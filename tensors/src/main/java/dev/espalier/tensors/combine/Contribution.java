package dev.espalier.tensors.combine;

import dev.espalier.tensors.masked.MaskedTensor;

/**
 * What one agent brings to one tensor, and how much it counts.
 *
 * @param agent stable, configured and unique: its order decides the order of summation
 * @param tensor values must be finite, see {@link MaskedTensor#firstNonFinite}
 */
public record Contribution(String agent, MaskedTensor tensor, Weight weight) {

    /**
     * @throws IllegalArgumentException if the weights do not fit the tensor's shape
     */
    public Contribution {
        weight.requireFits(tensor.shape());
    }
}
