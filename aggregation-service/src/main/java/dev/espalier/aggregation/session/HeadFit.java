package dev.espalier.aggregation.session;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.Scope;
import java.util.List;
import java.util.stream.Collectors;

/** Holds the heads that an agent may keep against the model and the rule that combines them. */
final class HeadFit {

    private HeadFit() {}

    /**
     * @throws ProblemException INVALID_VALUE for heads that cannot be, COMBINATION_REFUSED for a
     *     rule that needs them
     */
    static void require(
            RoundSession.Invitation invitation, ModelStructure structure, AggregationSpec rule) {
        if (invitation.scope().heads() != null) {
            throw Indices.invalid(
                    "the scope of %s names heads, which the agent chooses; say how many in heads"
                            .formatted(invitation.agent()));
        }
        HeadAllowance allowance = invitation.heads();
        if (allowance != null) {
            requireAllowance(invitation, allowance, structure);
        } else if (rule instanceof AggregationSpec.HeadWeighted) {
            throw new ProblemException(
                    ProblemType.COMBINATION_REFUSED,
                    "HEAD_WEIGHTED needs the heads that %s may keep; without, use FED_AVG"
                            .formatted(invitation.agent()));
        }
    }

    private static void requireAllowance(
            RoundSession.Invitation invitation, HeadAllowance allowance, ModelStructure structure) {
        Indices.requireBelow(
                invitation.agent(),
                "attention block",
                ascending(allowance).heads(),
                structure.attentionBlocks().stream()
                        .collect(Collectors.toMap(AttentionBlock::name, AttentionBlock::heads)));
        int forced = allowance.forced().values().stream().mapToInt(List::size).sum();
        if (allowance.atMost() > structure.heads() || forced > allowance.atMost()) {
            throw Indices.invalid(
                    "%s may keep %d heads and has to keep %d, of a model that has %d"
                            .formatted(
                                    invitation.agent(),
                                    allowance.atMost(),
                                    forced,
                                    structure.heads()));
        }
    }

    private static Scope ascending(HeadAllowance allowance) {
        try {
            return new Scope(allowance.forced(), null);
        } catch (IllegalArgumentException e) {
            throw Indices.invalid("forced: " + e.getMessage());
        }
    }
}
