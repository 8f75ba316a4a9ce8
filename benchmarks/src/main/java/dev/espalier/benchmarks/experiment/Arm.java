package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of the ways to work that a study compares.
 *
 * @param name in the report
 * @param phases all in which it may differ from the others; the selection is that of the first in
 *     all of them, and the adapter is the same wherever one is trained
 * @param data absent: that of the study
 */
public record Arm(String name, List<PhaseSpec> phases, @Nullable DataName data) {

    public Arm {
        phases = List.copyOf(phases);
        if (phases.isEmpty()) {
            throw new IllegalArgumentException(name + " has no phase");
        }
        if (tuning(phases).stream().map(PhaseSpec.FineTune::adapter).distinct().count() > 1) {
            throw new IllegalArgumentException(name + " changes its adapter between phases");
        }
        if (phases.stream().map(PhaseSpec::selection).distinct().count() > 1) {
            throw new IllegalArgumentException(name + " changes its selection between phases");
        }
    }

    /** One on the study's data. */
    public Arm(String name, List<PhaseSpec> phases) {
        this(name, phases, null);
    }

    /** One that does the same in all rounds. */
    public Arm(String name, PhaseSpec phase) {
        this(name, List.of(phase));
    }

    /** Of all phases. */
    public int rounds() {
        return phases.stream().mapToInt(PhaseSpec::rounds).sum();
    }

    /** The phases that train an adapter, in their order. */
    public List<PhaseSpec.FineTune> tuning() {
        return tuning(phases);
    }

    private static List<PhaseSpec.FineTune> tuning(List<PhaseSpec> phases) {
        return phases.stream()
                .filter(PhaseSpec.FineTune.class::isInstance)
                .map(PhaseSpec.FineTune.class::cast)
                .toList();
    }

    /** Empty: it trains none. */
    public Optional<AdapterSpec> adapter() {
        return tuning().stream().map(PhaseSpec.FineTune::adapter).findFirst();
    }

    public SelectionSpec selection() {
        return phases.getFirst().selection();
    }
}
