package dev.espalier.benchmarks.dataset;

import dev.espalier.benchmarks.experiment.Holding;
import java.util.List;

/**
 * Data as it lies with its owners.
 *
 * @param labels in the order of the classifier's outputs; none where text is written
 * @param holdings clients, and the agents that evaluate
 */
public record Deal(List<String> labels, List<Holding> holdings) {

    public Deal {
        labels = List.copyOf(labels);
        holdings = List.copyOf(holdings);
    }
}
