package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import java.util.Comparator;
import java.util.List;

/**
 * The two factors of one target module: A [rank, in], whose rows are its rank-1 components, and B
 * [out, rank], whose columns are.
 */
public record ModuleFactors(AdapterTensor a, AdapterTensor b) {

    /** Of all target modules, in ascending order of name. */
    public static List<ModuleFactors> of(AdapterLayout layout) {
        return layout.tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .map(a -> new ModuleFactors(a, factorB(a.module(), layout)))
                .sorted(Comparator.comparing(ModuleFactors::module))
                .toList();
    }

    static ModuleFactors of(String module, AdapterLayout layout) {
        return of(layout).stream()
                .filter(factors -> factors.module().equals(module))
                .findFirst()
                .orElseThrow();
    }

    public String module() {
        return a.module();
    }

    public int rank() {
        return a.shape().getFirst();
    }

    private static AdapterTensor factorB(String module, AdapterLayout layout) {
        return layout.tensors().stream()
                .filter(tensor ->
                        tensor.kind() == AdapterTensor.Kind.LORA_B
                                && tensor.module().equals(module))
                .findFirst()
                .orElseThrow();
    }
}
