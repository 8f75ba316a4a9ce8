package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.Comparator;
import java.util.List;

/**
 * A seeded draw without replacement, with probability proportional to training examples: the
 * smallest {@code -ln(u) / n} are taken, u in (0, 1) from the hash keys (Efraimidis and Spirakis
 * 2006).
 */
record WeightedDraw(long seed, int round) implements Policy {

    @Override
    public List<Ranked> rank(List<Candidate> candidates) {
        return candidates.stream()
                .filter(candidate -> candidate.examples() > 0)
                .map(candidate ->
                        new Ranked(candidate, key(candidate), null, "by the seed and its examples"))
                .sorted(
                        Comparator.comparing(Ranked::key)
                                .thenComparing(ranked -> ranked.candidate().agent()))
                .toList();
    }

    private Double key(Candidate candidate) {
        long hash = HashKeys.key(seed, round, HashKeys.id(candidate.agent().value()));
        return -StrictMath.log(HashKeys.unit(hash)) / candidate.examples();
    }
}
