package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Brings what rounds told of their components into the order of the modules. */
public final class ComponentMaps {

    private ComponentMaps() {}

    /**
     * What one round told.
     *
     * @param cohort how many updates counted
     * @param modules what the clients made of the components
     * @param clients what each was told to train, in ascending order of agent
     */
    public record Told(
            int round,
            int cohort,
            List<ModuleComponents> modules,
            List<ComponentMap.Client> clients) {}

    /** Target modules in ascending order of name. */
    public static List<String> modules(AdapterLayout layout) {
        return layout.tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .map(AdapterTensor::module)
                .sorted()
                .toList();
    }

    /**
     * @param modules all target modules of the job, in ascending order of name
     */
    public static ComponentMap of(List<ComponentMap.Module> modules, List<Told> rounds) {
        return new ComponentMap(
                modules, rounds.stream().map(told -> round(modules, told)).toList());
    }

    private static ComponentMap.Round round(List<ComponentMap.Module> modules, Told told) {
        Map<String, ModuleComponents> byName =
                told.modules().stream()
                        .collect(Collectors.toMap(ModuleComponents::module, Function.identity()));
        List<ModuleComponents> inOrder =
                modules.stream()
                        .map(module -> byName.getOrDefault(module.name(), untold(module)))
                        .toList();
        return new ComponentMap.Round(
                told.round(),
                told.cohort(),
                inOrder.stream().map(ModuleComponents::contributors).toList(),
                inOrder.stream().map(ModuleComponents::importance).toList(),
                inOrder.stream().map(ModuleComponents::age).toList(),
                truncationError(inOrder),
                told.clients());
    }

    private static @Nullable List<Double> truncationError(List<ModuleComponents> modules) {
        boolean told =
                modules.stream().map(ModuleComponents::truncationError).anyMatch(Objects::nonNull);
        return told
                ? modules.stream()
                        .map(ModuleComponents::truncationError)
                        .map(error -> Objects.requireNonNullElse(error, 0.0))
                        .toList()
                : null;
    }

    private static ModuleComponents untold(ComponentMap.Module module) {
        return new ModuleComponents(
                module.name(),
                Collections.nCopies(module.rank(), 0),
                Collections.nCopies(module.rank(), 0.0),
                Collections.nCopies(module.rank(), 0),
                null);
    }
}
