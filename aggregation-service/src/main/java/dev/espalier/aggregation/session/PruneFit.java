package dev.espalier.aggregation.session;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.job.WeightPruningSpec.Groups;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSession.Invitation;
import dev.espalier.protocol.update.RoundWork;
import java.math.BigDecimal;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Holds a session that prunes a base against that base and its rule (algorithms.md C.3, D.3). */
final class PruneFit {

    private PruneFit() {}

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT for a base that cannot be pruned so,
     *     COMBINATION_REFUSED for a rule that cannot be had with the work, INVALID_VALUE for the
     *     rest
     */
    static void require(RoundSession session, RoundWork.Prune work, ModelStructure structure) {
        if (!session.parent().equals(session.base())) {
            throw misfit("a base is pruned as it is: parent must be " + session.base());
        }
        requireShare(work);
        requireRule(work);
        SessionFit.requireBaseName(session, "PRUNE");
        SortedSet<Integer> layers = layers(session, structure);
        for (Invitation invitation : session.cohort()) {
            requireScope(invitation, layers);
            requireWhole(invitation, work.weights().groups(), structure);
        }
    }

    private static void requireShare(RoundWork.Prune work) {
        BigDecimal sparsity = work.sparsity();
        if ((sparsity == null) == (work.weights().pattern() == null)) {
            throw Indices.invalid("work needs either a sparsity or weights with a pattern");
        }
        if (sparsity != null
                && (sparsity.signum() < 0 || sparsity.compareTo(BigDecimal.ONE) >= 0)) {
            throw Indices.invalid("sparsity must be in [0, 1): " + sparsity);
        }
        Groups groups = work.weights().groups();
        if (groups != null && groups.dropped() < 1) {
            throw Indices.invalid(
                    "the pattern %s drops nothing".formatted(work.weights().pattern()));
        }
    }

    private static void requireRule(RoundWork.Prune work) {
        if (work.weights().pattern() != null && work.aggregation().expands()) {
            throw new ProblemException(
                    ProblemType.COMBINATION_REFUSED,
                    "zeros that are added to meet a share do not keep to the pattern %s; use L0 or"
                                    .formatted(work.weights().pattern())
                            + " STANDALONE");
        }
    }

    /** That there are. */
    private static SortedSet<Integer> layers(RoundSession session, ModelStructure structure) {
        if (!structure.tellsLayers()) {
            throw misfit(
                    "the structure of %s does not tell in which layers its linears lie; register"
                                    .formatted(session.base())
                            + " the base again");
        }
        return structure.layersOfLinears();
    }

    private static void requireScope(Invitation invitation, SortedSet<Integer> layers) {
        List<Integer> named = invitation.scope().layers();
        if (named == null || named.isEmpty()) {
            throw Indices.invalid(
                    "the scope of %s must name the layers that it prunes"
                            .formatted(invitation.agent()));
        }
        if (!layers.containsAll(named)) {
            throw Indices.invalid(
                    "the scope of %s names layers that the base does not have: %s of %s to %s"
                            .formatted(invitation.agent(), named, layers.first(), layers.last()));
        }
        if (invitation.scope().heads() != null
                || invitation.scope().components() != null
                || invitation.heads() != null
                || invitation.upload() != null) {
            throw Indices.invalid(
                    "%s prunes layers: heads, components and upload are of adapters"
                            .formatted(invitation.agent()));
        }
    }

    private static void requireWhole(
            Invitation invitation, @Nullable Groups groups, ModelStructure structure) {
        List<Integer> named = invitation.scope().layers();
        if (groups == null || named == null) {
            return;
        }
        for (Linear linear : structure.linearsOf(named)) {
            if (linear.in() % groups.size() != 0) {
                throw misfit(
                        "the %d inputs of %s do not make whole groups of %d"
                                .formatted(linear.in(), linear.name(), groups.size()));
            }
        }
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
