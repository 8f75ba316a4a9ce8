package dev.espalier.aggregation.intake;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.masked.UploadBytes;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Bytes of masks, confidences and scalars as algorithms.md D.6 counts them: a mask that several
 * tensors share is counted once, as a bitmap, however it was framed on the wire.
 */
final class PayloadBytes {

    /** The number of examples, and each loss. */
    private static final int SCALAR = 8;

    private PayloadBytes() {}

    /**
     * {@code ceil(H/8)} per attention block and four bytes per kept head, {@code ceil(R/8)} per
     * module of which some components were trained. Every block of the model counts, with adapted
     * modules or without: the manifest speaks of all of them.
     */
    static long masks(Scope scope, AdapterLayout layout, int rank) {
        Map<String, List<Integer>> heads = Objects.requireNonNullElse(scope.heads(), Map.of());
        long headMasks =
                layout.structure().attentionBlocks().stream()
                        .filter(block -> heads.containsKey(block.name()))
                        .mapToLong(block ->
                                UploadBytes.headMasks(
                                        block.heads(),
                                        heads.getOrDefault(block.name(), List.of()).size()))
                        .sum();
        int modules = Objects.requireNonNullElse(scope.components(), Map.of()).size();
        return headMasks + modules * UploadBytes.maskOnly(rank);
    }

    static long scalars(UpdateManifest manifest) {
        int losses =
                (manifest.lossBefore() == null ? 0 : 1) + (manifest.lossAfter() == null ? 0 : 1);
        return SCALAR + (long) SCALAR * losses;
    }
}
