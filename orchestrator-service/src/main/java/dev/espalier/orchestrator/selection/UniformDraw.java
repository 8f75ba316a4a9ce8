package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/** A seeded uniform draw without replacement (algorithms.md D.4). */
record UniformDraw(long seed, int round) implements Policy {

    @Override
    public List<Ranked> rank(List<Candidate> candidates) {
        return order(candidates, Comparator.comparing(Candidate::agent), this::key).stream()
                .map(candidate ->
                        new Ranked(candidate, HashKeys.unit(key(candidate)), null, "by the seed"))
                .toList();
    }

    private long key(Candidate candidate) {
        return HashKeys.key(seed, round, HashKeys.id(candidate.agent().value()));
    }

    /** Smallest unsigned key first. */
    static <T> List<T> order(Collection<T> drawn, Comparator<T> ties, ToLongFunction<T> key) {
        return drawn.stream()
                .sorted(
                        Comparator.comparing(key::applyAsLong, Long::compareUnsigned)
                                .thenComparing(ties))
                .toList();
    }
}
