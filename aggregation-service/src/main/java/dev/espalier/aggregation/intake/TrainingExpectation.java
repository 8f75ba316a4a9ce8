package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an update must be that trained an adapter.
 *
 * @param work that the cohort was asked for
 * @param scope the part of the adapter that the agent was asked to train, heads left out
 * @param heads those that it may keep; absent: all are in scope
 * @param upload in how many bits; absent: in f32
 * @param layout all tensors of the adapter
 * @param parent the adapter file that the update changes
 */
record TrainingExpectation(
        RoundTerms terms,
        RoundWork.FineTune work,
        AgentName agent,
        Scope scope,
        @Nullable HeadAllowance heads,
        @Nullable UploadPlan upload,
        AdapterLayout layout,
        Path parent)
        implements Expectation {

    @Override
    public long denseBytes() {
        return layout.denseBytes();
    }

    /** Names of all tensors of which some part is in scope. */
    SortedSet<String> names(Scope agreed) {
        return layout.tensors().stream()
                .filter(tensor -> !part(tensor, agreed).isEmpty())
                .map(AdapterTensor::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether the agent was to measure the importance of its components. */
    boolean asksForScores() {
        RankSpec ranks = work.ranks();
        return ranks != null
                && ranks.importance().source() == ImportanceSpec.Source.CLIENT_GRADIENT;
    }

    /** Whether the agent was asked for less than all components, in f32. */
    boolean speaksOfComponents() {
        return work.ranks() != null || scope.components() != null || upload != null;
    }

    AdapterLayout.Part part(AdapterTensor tensor, Scope agreed) {
        return layout.part(tensor, agreed);
    }
}
