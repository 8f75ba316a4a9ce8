package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The last step of power-of-choice: of the candidates those with the largest loss of the global
 * model (Cho et al. 2020). A loss of an earlier round counts less with every round (ours).
 */
record LargestLoss(int round) implements Policy {

    /** As for loss differences (algorithms.md A.4, ours); the job cannot set it here. */
    private static final double AGEING = 0.9;

    @Override
    public List<Ranked> rank(List<Candidate> candidates) {
        return candidates.stream()
                .filter(candidate -> candidate.asked() && candidate.globalLoss() != null)
                .map(this::ranked)
                .sorted(
                        Comparator.comparing(Ranked::score, Comparator.reverseOrder())
                                .thenComparing(ranked -> ranked.candidate().agent()))
                .toList();
    }

    private Ranked ranked(Candidate candidate) {
        Age age = Age.of(candidate, round);
        double loss = Objects.requireNonNull(candidate.globalLoss());
        return new Ranked(candidate, null, age.weaken(loss, AGEING), "by its loss" + age.inWords());
    }
}
