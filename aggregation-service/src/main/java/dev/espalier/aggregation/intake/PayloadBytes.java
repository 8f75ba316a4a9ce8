package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.combine.ModuleFactors;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.masked.UploadBytes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Bytes of masks, confidences, importances and scalars as algorithms.md D.6 counts them: a mask
 * that several tensors share is counted once, as a bitmap, however it was framed on the wire.
 */
final class PayloadBytes {

    /** The number of examples, and each loss. */
    private static final int SCALAR = 8;

    /** Importance of a component (ours). */
    private static final int SCORE = 4;

    /** Of a prefix of the components, which is no more than a rank. */
    private static final int RANK = 4;

    private PayloadBytes() {}

    /** All that counts beside the values. */
    static long beside(UpdateManifest manifest, TrainingExpectation expected) {
        return headMasks(manifest.scope(), expected.layout())
                + componentMasks(manifest.scope(), expected)
                + scores(manifest)
                + scalars(manifest);
    }

    /**
     * {@code ceil(H/8)} per attention block and four bytes per kept head. Every block of the model
     * counts, with adapted modules or without: the manifest speaks of all of them.
     */
    private static long headMasks(Scope scope, AdapterLayout layout) {
        Map<String, List<Integer>> heads = Objects.requireNonNullElse(scope.heads(), Map.of());
        return layout.structure().attentionBlocks().stream()
                .filter(block -> heads.containsKey(block.name()))
                .mapToLong(block ->
                        UploadBytes.headMasks(
                                block.heads(), heads.getOrDefault(block.name(), List.of()).size()))
                .sum();
    }

    /**
     * {@code ceil(R/8)} for each module whose components are not all; or the rank, once, where
     * clients hold the first so many of every module.
     */
    private static long componentMasks(Scope scope, TrainingExpectation expected) {
        Collection<List<Integer>> named =
                Objects.requireNonNullElse(scope.components(), Map.<String, List<Integer>>of())
                        .values();
        RankSpec ranks = expected.work().ranks();
        if (ranks != null && ranks.variant() == RankSpec.Variant.PREFIX && isPrefix(named)) {
            return RANK;
        }
        int rank = ModuleFactors.of(expected.layout()).getFirst().rank();
        long some = named.stream().filter(components -> components.size() < rank).count();
        return some * UploadBytes.maskOnly(rank);
    }

    /** Whether all modules have the same, and those are the first ones. */
    private static boolean isPrefix(Collection<List<Integer>> named) {
        return named.stream().distinct().count() <= 1
                && named.stream()
                        .allMatch(one -> !one.isEmpty() && one.getLast() == one.size() - 1);
    }

    private static long scores(UpdateManifest manifest) {
        return (long) SCORE
                * Objects.requireNonNullElse(
                                manifest.componentScores(), Map.<String, List<Double>>of())
                        .values()
                        .stream()
                        .mapToLong(List::size)
                        .sum();
    }

    private static long scalars(UpdateManifest manifest) {
        int losses =
                (manifest.lossBefore() == null ? 0 : 1) + (manifest.lossAfter() == null ? 0 : 1);
        return SCALAR + (long) SCALAR * losses;
    }
}
