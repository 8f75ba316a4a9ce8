package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.job.SelectionView.Candidate;
import java.util.List;

/** Nobody is preferred. */
record Everyone() implements Policy {

    @Override
    public List<Ranked> rank(List<Candidate> candidates) {
        return candidates.stream()
                .map(candidate -> new Ranked(candidate, null, null, "everyone takes part"))
                .toList();
    }
}
