package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Scope;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What an update must be.
 *
 * @param scope the part of the adapter that the agent was asked to train
 * @param layout all tensors of the adapter
 * @param parent the adapter file that the update changes
 */
record Expectation(
        RoundTerms terms, AgentName agent, Scope scope, AdapterLayout layout, Path parent) {

    /** Names of all tensors of which some part is in scope. */
    SortedSet<String> names() {
        return layout.tensors().stream()
                .filter(tensor -> !part(tensor).isEmpty())
                .map(AdapterTensor::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    AdapterLayout.Part part(AdapterTensor tensor) {
        return layout.part(tensor, scope);
    }
}
