package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.List;

/** An order of preference among candidates: a pure function of what a selection records. */
interface Policy {

    /**
     * Best first. Who is not in it cannot be chosen.
     *
     * @param candidates with training examples, in ascending order of name
     */
    List<Ranked> rank(List<Candidate> candidates);

    /** The policy by which a selection is decided. */
    static Policy of(SelectionView selection) {
        return of(selection.policy(), selection);
    }

    private static Policy of(SelectionSpec policy, SelectionView selection) {
        return switch (policy) {
            case SelectionSpec.All all -> new Everyone();
            case SelectionSpec.Uniform uniform ->
                    new UniformDraw(selection.seed(), selection.round());
            case SelectionSpec.DataWeighted weighted ->
                    new WeightedDraw(selection.seed(), selection.round());
            case SelectionSpec.RoundRobin turns -> new InTurn(selection.after());
            case SelectionSpec.PowerOfChoice choice -> new LargestLoss(selection.round());
            case SelectionSpec.LossDifference difference ->
                    new LargestDifference(selection.round(), difference.ageing());
            case SelectionSpec.ResourceAware aware -> of(aware.then(), selection);
        };
    }
}
