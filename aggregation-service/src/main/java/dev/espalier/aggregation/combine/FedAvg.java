package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.Weight;

/**
 * Federated averaging: every client weighs as much as it has training examples, in what it sent.
 * What no client sent keeps its value.
 */
final class FedAvg implements AggregationRule {

    @Override
    public Weight weight(AdapterTensor tensor, OpenUpdate client) {
        return Weight.of(client.examples());
    }

    @Override
    public Fallback fallback(AdapterTensor tensor) {
        return Fallback.PREVIOUS;
    }
}
