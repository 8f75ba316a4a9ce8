package dev.espalier.aggregation.intake;

import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.masked.ElementMask;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of masks and scalars as algorithms.md D.6 counts them: a mask that several tensors share is
 * counted once, as a bitmap, however it was framed on the wire.
 */
final class PayloadBytes {

    /** The number of examples, and each loss. */
    private static final int SCALAR = 8;

    private PayloadBytes() {}

    /** {@code ceil(H/8)} per attention block and {@code ceil(R/8)} per module that has a mask. */
    static long masks(Scope scope, AdapterLayout layout, int rank) {
        long heads =
                names(scope.heads()).stream()
                        .mapToLong(block -> ElementMask.byteSize(heads(layout, block)))
                        .sum();
        return heads + names(scope.components()).size() * ElementMask.byteSize(rank);
    }

    static long scalars(UpdateManifest manifest) {
        int losses =
                (manifest.lossBefore() == null ? 0 : 1) + (manifest.lossAfter() == null ? 0 : 1);
        return SCALAR + (long) SCALAR * losses;
    }

    private static int heads(AdapterLayout layout, String block) {
        return layout.structure().attentionBlocks().stream()
                .filter(one -> one.name().equals(block))
                .mapToInt(AttentionBlock::heads)
                .findFirst()
                .orElse(0);
    }

    private static Set<String> names(@Nullable Map<String, List<Integer>> masks) {
        return masks == null ? Set.of() : masks.keySet();
    }
}
