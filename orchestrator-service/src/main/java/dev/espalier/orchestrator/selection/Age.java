package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.Objects;

/**
 * How long ago a candidate measured its losses.
 *
 * @param rounds 0 where it answered in this one
 */
record Age(int rounds) {

    /** Of a candidate whose losses are known. */
    static Age of(Candidate candidate, int round) {
        return new Age(round - Objects.requireNonNull(candidate.lossRound()));
    }

    boolean isOld() {
        return rounds > 0;
    }

    double weaken(double score, double factor) {
        double weak = score;
        for (int i = 0; i < rounds; i++) {
            weak *= factor; // not pow, whose last bit may differ between machines
        }
        return weak;
    }

    /** In words that follow what is old. */
    String inWords() {
        return isOld() ? " of %d round%s ago".formatted(rounds, rounds == 1 ? "" : "s") : "";
    }
}
