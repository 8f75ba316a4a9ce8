package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import java.util.List;

/**
 * One of the ways to train that a study compares.
 *
 * @param name in the report
 * @param phases all in which it may differ from the others; adapter and selection are those of the
 *     first in all of them
 */
public record Arm(String name, List<PhaseSpec.FineTune> phases) {

    public Arm {
        phases = List.copyOf(phases);
        if (phases.isEmpty()) {
            throw new IllegalArgumentException(name + " has no phase");
        }
        PhaseSpec.FineTune first = phases.getFirst();
        for (PhaseSpec.FineTune phase : phases) {
            if (!phase.adapter().equals(first.adapter())
                    || !phase.selection().equals(first.selection())) {
                throw new IllegalArgumentException(
                        name + " changes its adapter or its selection between phases");
            }
        }
    }

    /** One that does the same in all rounds. */
    public Arm(String name, PhaseSpec.FineTune phase) {
        this(name, List.of(phase));
    }

    /** Of all phases. */
    public int rounds() {
        return phases.stream().mapToInt(PhaseSpec.FineTune::rounds).sum();
    }

    public AdapterSpec adapter() {
        return phases.getFirst().adapter();
    }

    public SelectionSpec selection() {
        return phases.getFirst().selection();
    }
}
