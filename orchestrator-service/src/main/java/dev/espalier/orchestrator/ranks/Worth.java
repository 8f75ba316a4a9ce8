package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is known of the components, in the order of a plan's modules.
 *
 * @param rank of the adapter
 * @param importance by module and component; 0 where nothing was told
 * @param age by module and component: rounds since anybody trained it; 0 where nothing was told
 */
record Worth(int rank, List<List<Double>> importance, List<List<Integer>> age) {

    static Worth of(List<String> modules, int rank, List<ModuleComponents> told) {
        Map<String, ModuleComponents> byName =
                told.stream()
                        .collect(Collectors.toMap(ModuleComponents::module, Function.identity()));
        List<ModuleComponents> inOrder =
                modules.stream()
                        .map(module -> byName.getOrDefault(module, unknown(module, rank)))
                        .toList();
        return new Worth(
                rank,
                inOrder.stream().map(ModuleComponents::importance).toList(),
                inOrder.stream().map(ModuleComponents::age).toList());
    }

    private static ModuleComponents unknown(String module, int rank) {
        return new ModuleComponents(
                module,
                Collections.nCopies(rank, 0),
                Collections.nCopies(rank, 0.0),
                Collections.nCopies(rank, 0),
                null);
    }
}
