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
                .map(a ->
                        new ModuleFactors(a, factor(a.module(), AdapterTensor.Kind.LORA_B, layout)))
                .sorted(Comparator.comparing(ModuleFactors::module))
                .toList();
    }

    /**
     * @throws IllegalArgumentException if the adapter does not target the module
     */
    static ModuleFactors of(String module, AdapterLayout layout) {
        return new ModuleFactors(
                factor(module, AdapterTensor.Kind.LORA_A, layout),
                factor(module, AdapterTensor.Kind.LORA_B, layout));
    }

    public String module() {
        return a.module();
    }

    public int rank() {
        return a.shape().getFirst();
    }

    /** Width of what goes in. */
    int in() {
        return a.shape().getLast();
    }

    /** Width of what comes out. */
    int out() {
        return b.shape().getFirst();
    }

    private static AdapterTensor factor(
            String module, AdapterTensor.Kind kind, AdapterLayout layout) {
        return layout.tensors().stream()
                .filter(tensor -> tensor.kind() == kind && tensor.module().equals(module))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no target module " + module));
    }
}
