package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Quantisation;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.masked.UpdateFormatException;
import dev.espalier.tensors.masked.VectorAxis;
import dev.espalier.tensors.quantised.Precision;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What of the adapter an update holds, and how, as its manifest says.
 *
 * @param scope heads and components
 * @param bits by module: of each component in scope; absent where values are floats
 * @param importance by module: of each component in scope, as the client measured it; absent where
 *     it was not asked
 */
public record Contents(
        Scope scope,
        @Nullable Map<String, List<Integer>> bits,
        @Nullable Map<String, List<Double>> importance) {

    /** All of the adapter, in floats. */
    public static final Contents WHOLE = new Contents(Scope.whole(), null, null);

    public static Contents of(UpdateManifest manifest) {
        Quantisation quantisation = manifest.quantisation();
        return new Contents(
                manifest.scope(),
                quantisation == null ? null : quantisation.bits(),
                manifest.componentScores());
    }

    /** The rank-1 components of a module of which anything is held, ascending. */
    public List<Integer> components(ModuleFactors factors, AdapterLayout layout) {
        AdapterLayout.Part part = layout.part(factors.a(), scope);
        if (part.isEmpty()) {
            return List.of();
        }
        List<Integer> some = part.rows();
        return some == null ? IntStream.range(0, factors.rank()).boxed().toList() : some;
    }

    /**
     * One tensor of the update's file. Quantised values are decoded where they lie, when they are
     * read.
     *
     * @throws UpdateFormatException if the file holds something else
     */
    public MaskedTensor read(UpdateFile file, AdapterTensor tensor) throws UpdateFormatException {
        if (bits == null || tensor.kind().isTaskHead()) {
            return file.tensor(tensor.name(), Shapes.of(tensor));
        }
        VectorAxis axis =
                tensor.kind() == AdapterTensor.Kind.LORA_A ? VectorAxis.ROWS : VectorAxis.COLUMNS;
        List<Precision> precisions =
                bits.getOrDefault(tensor.module(), List.of()).stream().map(Precision::of).toList();
        return file.quantised(tensor.name(), Shapes.of(tensor), axis, precisions);
    }
}
