package dev.espalier.aggregation.session;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import org.jspecify.annotations.Nullable;

/**
 * Holds a session against rules that take whole products B A of its clients (algorithms.md D.3).
 */
final class ProductFit {

    private ProductFit() {}

    /**
     * @throws ProblemException COMBINATION_REFUSED, or INVALID_VALUE for a name that no base can be
     *     given
     */
    static void require(RoundSession session, RoundWork.FineTune work) {
        switch (work.aggregation()) {
            case AggregationSpec.Stacking _ -> {
                requireWholeHeads("STACKING", session);
                requireStackable(work.ranks());
                SessionFit.requireBaseName(session, "STACKING");
            }
            case AggregationSpec.RankOptimal _ -> requireWholeHeads("RANK_OPTIMAL", session);
            case AggregationSpec.FedAvg _,
                    AggregationSpec.HeadWeighted _,
                    AggregationSpec.RankAdaptive _,
                    AggregationSpec.ZeroPadding _ -> {}
        }
    }

    private static void requireWholeHeads(String rule, RoundSession session) {
        boolean pruned =
                session.cohort().stream().anyMatch(invitation -> invitation.heads() != null);
        if (pruned) {
            throw refused(
                    rule
                            + " needs whole components, and pruned heads take parts of them away;"
                            + " use FED_AVG, HEAD_WEIGHTED or RANK_ADAPTIVE");
        }
    }

    private static void requireStackable(@Nullable RankSpec ranks) {
        if (ranks == null) {
            return;
        }
        switch (ranks.variant()) {
            case PREFIX, HOMOGENEOUS -> {}
            case FREEZING, TRUNCATION ->
                    throw refused(
                            "STACKING begins every round with a fresh adapter, of which no"
                                    + " component is more important than another; use PREFIX or"
                                    + " HOMOGENEOUS, not "
                                    + ranks.variant());
        }
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(ProblemType.COMBINATION_REFUSED, detail);
    }
}
