package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.SelectionSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which selection policies make sense (algorithms.md D.4). */
final class SelectionRules {

    private SelectionRules() {}

    static void check(String at, @Nullable SelectionSpec policy, List<Violation> found) {
        switch (policy) {
            case SelectionSpec.PowerOfChoice p -> {
                candidates(at, p.fraction(), p.candidates(), found);
                ValueRules.deadline(at + ".scoring.deadline", p.scoring().deadline(), found);
            }
            case SelectionSpec.LossDifference d -> {
                candidates(at, d.fraction(), d.candidates(), found);
                ValueRules.deadline(at + ".scoring.deadline", d.scoring().deadline(), found);
            }
            case SelectionSpec.ResourceAware aware -> resources(at, aware, found);
            case SelectionSpec.All a -> {}
            case SelectionSpec.Uniform u -> {}
            case SelectionSpec.DataWeighted w -> {}
            case SelectionSpec.RoundRobin r -> {}
            case null -> {} // said already
        }
    }

    private static void candidates(
            String at, double fraction, double candidates, List<Violation> found) {
        if (candidates < fraction) {
            found.add(
                    Violation.combination(
                            at + ".candidates",
                            "must be at least the fraction %s that is chosen from them"
                                    .formatted(fraction)));
        }
    }

    private static void resources(
            String at, SelectionSpec.ResourceAware aware, List<Violation> found) {
        if (aware.minMemoryBytes() == null
                && aware.minUplinkBytesPerSecond() == null
                && aware.minProcessors() == null) {
            found.add(
                    Violation.combination(
                            at,
                            "must name minMemoryBytes, minUplinkBytesPerSecond or minProcessors,"
                                    + " else it leaves out nobody"));
        }
        if (aware.then() instanceof SelectionSpec.ResourceAware) {
            found.add(
                    Violation.combination(
                            at + ".then.policy",
                            "must be another policy; one RESOURCE_AWARE can hold all minimums"));
            return;
        }
        check(at + ".then", aware.then(), found);
    }
}
