package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The largest difference between the loss of the global model and that of the client's own last
 * adapter (algorithms.md A.4, inferred). Who says that it has none of its own comes first; who does
 * not answer goes by its last known score, weakened with every round (ours).
 *
 * @param ageing factor per round
 */
record LargestDifference(int round, double ageing) implements Policy {

    private static final Comparator<Ranked> NEW_FIRST_THEN_LARGEST =
            Comparator.comparing(Ranked::score, Comparator.nullsFirst(Comparator.reverseOrder()))
                    .thenComparing(ranked -> ranked.candidate().agent());

    @Override
    public List<Ranked> rank(List<Candidate> candidates) {
        return candidates.stream()
                .filter(this::canBeRanked)
                .map(this::ranked)
                .sorted(NEW_FIRST_THEN_LARGEST)
                .toList();
    }

    /** An old answer without a loss of its own says nothing: the client may have trained since. */
    private boolean canBeRanked(Candidate candidate) {
        return candidate.asked()
                && candidate.globalLoss() != null
                && (candidate.ownLoss() != null || !Age.of(candidate, round).isOld());
    }

    private Ranked ranked(Candidate candidate) {
        if (candidate.ownLoss() == null) {
            return new Ranked(candidate, null, null, "never trained, so that it comes first");
        }
        Age age = Age.of(candidate, round);
        double difference = Objects.requireNonNull(candidate.globalLoss()) - candidate.ownLoss();
        return new Ranked(
                candidate,
                null,
                age.weaken(difference, ageing),
                "by its loss difference" + age.inWords());
    }
}
