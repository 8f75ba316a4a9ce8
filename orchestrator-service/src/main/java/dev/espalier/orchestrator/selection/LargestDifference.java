package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The largest difference between the loss of the global model and that of the client's own last
 * adapter (algorithms.md A.4, inferred). Who has none of its own comes first while it was in no
 * cohort yet, so that each is visited once before the ranking starts; after that it comes last,
 * fewest visits first, so that one that cannot train does not keep the others out (ours). Who does
 * not answer goes by its last known score, weakened with every round (ours).
 *
 * @param ageing factor per round
 */
record LargestDifference(int round, double ageing) implements Policy {

    private static final Comparator<Ranked> NEW_FIRST_THEN_LARGEST =
            Comparator.comparing(LargestDifference::isNew, Comparator.reverseOrder())
                    .thenComparing(Ranked::score, Comparator.nullsLast(Comparator.reverseOrder()))
                    .thenComparing(LargestDifference::vainVisits)
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

    private static boolean isNew(Ranked ranked) {
        return ranked.score() == null && ranked.candidate().visits() == 0;
    }

    /** After which it still has nothing of its own; of no weight where there is a score. */
    private static int vainVisits(Ranked ranked) {
        return ranked.score() == null ? ranked.candidate().visits() : 0;
    }

    private static String whyWithoutOwn(int visits) {
        return visits == 0
                ? "never trained, so that it comes first"
                : "chosen %d time%s without an adapter of its own, so that it comes last"
                        .formatted(visits, visits == 1 ? "" : "s");
    }

    private Ranked ranked(Candidate candidate) {
        if (candidate.ownLoss() == null) {
            return new Ranked(candidate, null, null, whyWithoutOwn(candidate.visits()));
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
