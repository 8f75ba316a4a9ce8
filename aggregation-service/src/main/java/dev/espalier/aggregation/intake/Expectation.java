package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.Scope;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an update must be.
 *
 * @param scope the part of the adapter that the agent was asked to train, heads left out
 * @param heads those that it may keep; absent: all are in scope
 * @param layout all tensors of the adapter
 * @param parent the adapter file that the update changes
 */
record Expectation(
        RoundTerms terms,
        AgentName agent,
        Scope scope,
        @Nullable HeadAllowance heads,
        AdapterLayout layout,
        Path parent) {

    /** Names of all tensors of which some part is in scope. */
    SortedSet<String> names(Scope agreed) {
        return layout.tensors().stream()
                .filter(tensor -> !part(tensor, agreed).isEmpty())
                .map(AdapterTensor::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    AdapterLayout.Part part(AdapterTensor tensor, Scope agreed) {
        return layout.part(tensor, agreed);
    }
}
