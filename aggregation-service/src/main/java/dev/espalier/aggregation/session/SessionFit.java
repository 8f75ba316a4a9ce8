package dev.espalier.aggregation.session;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.UploadPlan;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Holds what is asked for against the models it is asked for, so that a session that opens can also
 * be combined.
 */
final class SessionFit {

    private static final Set<Integer> PRECISIONS = Set.of(4, 8, 16, 32);

    private SessionFit() {}

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT, INVALID_VALUE for a cohort that cannot be, or
     *     COMBINATION_REFUSED
     */
    static void require(RoundSession session, VersionManifest base, VersionManifest parent) {
        ModelStructure structure = base.structure();
        if (structure == null) {
            throw misfit(base.ref() + " was registered without a structure; it is no base model");
        }
        requireOnce(session);
        switch (session.work()) {
            case RoundWork.FineTune work -> requireTraining(session, work, structure, parent);
            case RoundWork.Prune work -> PruneFit.require(session, work, structure);
        }
    }

    /**
     * @param publisher by which a base is published
     * @throws ProblemException INVALID_VALUE for a name that no base can be given
     */
    static void requireBaseName(RoundSession session, String publisher) {
        try {
            RoundTerms.of(session).publishBaseAs();
        } catch (IllegalArgumentException e) {
            throw Indices.invalid(
                    "publishAs is too long for the bases that %s publishes: %s"
                            .formatted(publisher, e.getMessage()));
        }
    }

    private static void requireOnce(RoundSession session) {
        Set<AgentName> agents = new HashSet<>();
        for (RoundSession.Invitation invitation : session.cohort()) {
            if (!agents.add(invitation.agent())) {
                throw Indices.invalid(invitation.agent() + " is in the cohort twice");
            }
        }
    }

    private static void requireTraining(
            RoundSession session,
            RoundWork.FineTune work,
            ModelStructure structure,
            VersionManifest parent) {
        if (parent.kind() != VersionKind.ADAPTER || !session.base().equals(parent.base())) {
            throw misfit("parent " + parent.ref() + " is no adapter for base " + session.base());
        }
        ProductFit.require(session, work);
        AdapterLayout layout = layout(structure, work);
        for (RoundSession.Invitation invitation : session.cohort()) {
            requireScope(invitation, layout, work.adapter().rank());
            HeadFit.require(invitation, structure, work.aggregation());
            requireUpload(invitation);
        }
    }

    private static AdapterLayout layout(ModelStructure structure, RoundWork.FineTune work) {
        try {
            return AdapterLayout.of(structure, work.adapter(), work.task());
        } catch (IllegalArgumentException e) {
            throw misfit(String.valueOf(e.getMessage()));
        }
    }

    private static void requireScope(
            RoundSession.Invitation invitation, AdapterLayout layout, int rank) {
        if (invitation.scope().layers() != null) {
            throw Indices.invalid(
                    "the scope of %s names layers, which are pruned, not trained"
                            .formatted(invitation.agent()));
        }
        Map<String, Integer> ranks =
                layout.tensors().stream()
                        .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                        .collect(Collectors.toMap(AdapterTensor::module, module -> rank));
        Indices.requireBelow(
                invitation.agent(), "target module", invitation.scope().components(), ranks);
    }

    private static void requireUpload(RoundSession.Invitation invitation) {
        UploadPlan plan = invitation.upload();
        if (plan == null) {
            return;
        }
        Integer bits = plan.bits();
        if ((bits == null) == (plan.budgetBytes() == null)) {
            throw Indices.invalid(
                    "the upload of %s needs either bits or budgetBytes"
                            .formatted(invitation.agent()));
        }
        if (bits != null && !PRECISIONS.contains(bits)) {
            throw Indices.invalid(
                    "the upload of %s is to have %d bits; known are 4, 8, 16 and 32"
                            .formatted(invitation.agent(), bits));
        }
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
