package dev.espalier.aggregation.session;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds what is asked for against the models it is asked for, so that a session that opens can also
 * be combined.
 */
final class SessionFit {

    private SessionFit() {}

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT, or INVALID_VALUE for a cohort that cannot be
     */
    static void require(RoundSession session, VersionManifest base, VersionManifest parent) {
        ModelStructure structure = base.structure();
        if (structure == null) {
            throw misfit(base.ref() + " was registered without a structure; it is no base model");
        }
        if (parent.kind() != VersionKind.ADAPTER || !session.base().equals(parent.base())) {
            throw misfit("parent " + parent.ref() + " is no adapter for base " + session.base());
        }
        requireNoHeads(session);
        AdapterLayout layout = layout(structure, session);
        Set<AgentName> agents = new HashSet<>();
        for (RoundSession.Invitation invitation : session.cohort()) {
            if (!agents.add(invitation.agent())) {
                throw invalid(invitation.agent() + " is in the cohort twice");
            }
            requireScope(invitation, layout, session.adapter().rank());
        }
    }

    private static void requireNoHeads(RoundSession session) {
        if (session.aggregation() instanceof AggregationSpec.HeadWeighted) {
            throw invalid("aggregation: HEAD_WEIGHTED is not supported yet");
        }
        if (session.cohort().stream().anyMatch(invitation -> invitation.heads() != null)) {
            throw invalid("cohort: heads is not supported yet");
        }
    }

    private static AdapterLayout layout(ModelStructure structure, RoundSession session) {
        try {
            return AdapterLayout.of(structure, session.adapter(), session.task());
        } catch (IllegalArgumentException e) {
            throw misfit(String.valueOf(e.getMessage()));
        }
    }

    private static void requireScope(
            RoundSession.Invitation invitation, AdapterLayout layout, int rank) {
        Scope scope = invitation.scope();
        Map<String, Integer> heads =
                layout.structure().attentionBlocks().stream()
                        .collect(
                                Collectors.toMap(
                                        ModelStructure.AttentionBlock::name,
                                        ModelStructure.AttentionBlock::heads));
        requireBelow(invitation.agent(), "attention block", scope.heads(), heads);
        Map<String, Integer> ranks =
                layout.tensors().stream()
                        .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                        .collect(Collectors.toMap(AdapterTensor::module, module -> rank));
        requireBelow(invitation.agent(), "target module", scope.components(), ranks);
    }

    private static void requireBelow(
            AgentName agent,
            String what,
            @Nullable Map<String, List<Integer>> indices,
            Map<String, Integer> limits) {
        if (indices == null) {
            return;
        }
        indices.forEach((name, list) -> {
            Integer limit = limits.get(name);
            if (limit == null) {
                throw invalid("the scope of " + agent + " names no " + what + ": " + name);
            }
            if (!list.isEmpty() && list.getLast() >= limit) {
                throw invalid(
                        "the scope of %s has index %d for %s, which has %d"
                                .formatted(agent, list.getLast(), name, limit));
            }
        });
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ProblemType.INVALID_VALUE, detail);
    }
}
