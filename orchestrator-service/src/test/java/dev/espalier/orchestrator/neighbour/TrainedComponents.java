package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What simulated clients make of components: of those that somebody trained the lower ones are
 * worth more, the others keep what they were worth and grow older.
 */
final class TrainedComponents {

    private TrainedComponents() {}

    /**
     * @param scopes of those whose updates count
     * @param before after the round from which this one started; null: it is the first
     */
    static List<ModuleComponents> of(
            RoundWork.FineTune work, List<Scope> scopes, @Nullable List<ModuleComponents> before) {
        AdapterLayout layout = AdapterLayout.of(Models.structure(), work.adapter(), work.task());
        List<String> modules =
                layout.tensors().stream()
                        .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                        .map(AdapterTensor::module)
                        .sorted()
                        .toList();
        List<ModuleComponents> after = new ArrayList<>();
        for (int module = 0; module < modules.size(); module++) {
            ModuleComponents old =
                    before == null
                            ? untouched(modules.get(module), work.adapter().rank())
                            : before.get(module);
            after.add(after(old, scopes));
        }
        return after;
    }

    private static ModuleComponents after(ModuleComponents old, List<Scope> scopes) {
        List<Integer> trained =
                IntStream.range(0, old.age().size())
                        .mapToObj(component -> count(scopes, old.module(), component))
                        .toList();
        return new ModuleComponents(
                old.module(),
                trained,
                IntStream.range(0, trained.size())
                        .mapToObj(c -> trained.get(c) > 0 ? 1.0 / (c + 1) : old.importance().get(c))
                        .toList(),
                IntStream.range(0, trained.size())
                        .mapToObj(c -> trained.get(c) > 0 ? 0 : old.age().get(c) + 1)
                        .toList(),
                null);
    }

    private static int count(List<Scope> scopes, String module, int component) {
        return (int)
                scopes.stream()
                        .map(Scope::components)
                        .filter(components -> trains(components, module, component))
                        .count();
    }

    private static boolean trains(
            @Nullable Map<String, List<Integer>> components, String module, int component) {
        return components == null || components.get(module).contains(component);
    }

    private static ModuleComponents untouched(String module, int rank) {
        return new ModuleComponents(
                module,
                Collections.nCopies(rank, 0),
                Collections.nCopies(rank, 0.0),
                Collections.nCopies(rank, 0),
                null);
    }
}
