package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.combine.ModuleFactors;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.update.UploadPlan;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds the rank-1 components that an update says it holds against those that its agent was asked
 * to train: the same, or, where a budget of bytes may leave some out, no others (algorithms.md D.7:
 * a component outside the plan signals a client's bug).
 */
final class ComponentChoice {

    private final @Nullable Map<String, List<Integer>> named;
    private final @Nullable Map<String, List<Integer>> asked;
    private final Map<String, Integer> ranks;

    private ComponentChoice(UpdateManifest manifest, TrainingExpectation expected) {
        this.named = manifest.scope().components();
        this.asked = expected.scope().components();
        this.ranks =
                ModuleFactors.of(expected.layout()).stream()
                        .collect(Collectors.toMap(ModuleFactors::module, ModuleFactors::rank));
    }

    static void require(UpdateManifest manifest, TrainingExpectation expected)
            throws UpdateRefused {
        ComponentChoice choice = new ComponentChoice(manifest, expected);
        for (Map.Entry<String, List<Integer>> module : choice.modules().entrySet()) {
            choice.requireKnown(module.getKey(), module.getValue());
            choice.requireAsked(module.getKey(), module.getValue());
        }
        if (Objects.equals(choice.named, choice.asked)) {
            return;
        }
        UploadPlan plan = expected.upload();
        if (plan == null || plan.budgetBytes() == null) {
            throw UpdateRefused.misfit(
                    "scope.components does not name all that the agent was asked to train, and"
                            + " only that");
        }
        choice.requireEveryModule();
    }

    private Map<String, List<Integer>> modules() {
        return Objects.requireNonNullElse(named, Map.of());
    }

    private void requireKnown(String module, List<Integer> components) throws UpdateRefused {
        Integer rank = ranks.get(module);
        if (rank == null) {
            throw UpdateRefused.misfit("scope.components names no target module: " + module);
        }
        if (!components.isEmpty() && components.getLast() >= rank) {
            throw UpdateRefused.misfit(
                    "scope.components names component %d of %s, which has %d"
                            .formatted(components.getLast(), module, rank));
        }
    }

    private void requireAsked(String module, List<Integer> components) throws UpdateRefused {
        List<Integer> planned = asked == null ? null : asked.get(module);
        for (int component : components) {
            if (planned != null && !planned.contains(component)) {
                throw UpdateRefused.misfit(
                        "component %d of %s is not one that the agent was asked to train"
                                .formatted(component, module));
            }
        }
    }

    /** What is left out is left out by name, so that silence is never taken for a choice. */
    private void requireEveryModule() throws UpdateRefused {
        SortedSet<String> missing = new TreeSet<>(ranks.keySet());
        missing.removeAll(modules().keySet());
        if (!missing.isEmpty()) {
            throw UpdateRefused.misfit(
                    "scope.components leaves out %s; name a module of which nothing is sent by an"
                                    .formatted(missing)
                            + " empty list");
        }
    }
}
