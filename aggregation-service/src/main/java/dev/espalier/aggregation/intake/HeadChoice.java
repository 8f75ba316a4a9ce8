package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.UpdateManifest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Holds the heads that an agent says it kept against those that it was allowed. */
final class HeadChoice {

    private final Map<String, List<Integer>> kept;
    private final Map<String, List<Double>> confidence;

    private HeadChoice(UpdateManifest manifest) {
        this.kept = Objects.requireNonNullElse(manifest.scope().heads(), Map.of());
        this.confidence = Objects.requireNonNullElse(manifest.headConfidence(), Map.of());
    }

    /**
     * @return empty where the round prunes no heads
     */
    static Optional<KeptHeads> of(UpdateManifest manifest, TrainingExpectation expected)
            throws UpdateRefused {
        HeadAllowance allowed = expected.heads();
        boolean speaksOfHeads =
                manifest.scope().heads() != null || manifest.headConfidence() != null;
        if (allowed == null) {
            require(
                    !speaksOfHeads,
                    "all heads are in scope: leave scope.heads and headConfidence out");
            return Optional.empty();
        }
        require(manifest.scope().heads() != null, "scope.heads is missing: name the kept heads");
        HeadChoice choice = new HeadChoice(manifest);
        choice.requireBlocks(expected.layout().structure().attentionBlocks());
        choice.requireAllowed(allowed);
        choice.requireConfidence();
        return Optional.of(KeptHeads.of(choice.kept, choice.confidence));
    }

    private void requireBlocks(List<AttentionBlock> blocks) throws UpdateRefused {
        requireSameBlocks(
                "scope.heads",
                kept.keySet(),
                blocks.stream().map(AttentionBlock::name).collect(Collectors.toSet()));
        for (AttentionBlock block : blocks) {
            List<Integer> heads = kept.getOrDefault(block.name(), List.of());
            require(
                    heads.isEmpty() || heads.getLast() < block.heads(),
                    "scope.heads names a head of %s that is not below its %d heads",
                    block.name(),
                    block.heads());
        }
    }

    private void requireAllowed(HeadAllowance allowed) throws UpdateRefused {
        int total = kept.values().stream().mapToInt(List::size).sum();
        require(
                total >= 1 && total <= allowed.atMost(),
                "%d heads are kept, where at least 1 and at most %d may be",
                total,
                allowed.atMost());
        for (Map.Entry<String, List<Integer>> forced : allowed.forced().entrySet()) {
            for (int head : forced.getValue()) {
                require(
                        kept.getOrDefault(forced.getKey(), List.of()).contains(head),
                        "head %d of %s had to be kept in this round",
                        head,
                        forced.getKey());
            }
        }
    }

    private void requireConfidence() throws UpdateRefused {
        requireSameBlocks("headConfidence", confidence.keySet(), kept.keySet());
        for (Map.Entry<String, List<Double>> block : confidence.entrySet()) {
            int heads = kept.getOrDefault(block.getKey(), List.of()).size();
            require(
                    block.getValue().size() == heads,
                    "headConfidence has %d numbers for the %d kept heads of %s",
                    block.getValue().size(),
                    heads,
                    block.getKey());
            requireFinite(block.getKey(), block.getValue());
        }
    }

    private static void requireFinite(String block, List<Double> confidence) throws UpdateRefused {
        if (!confidence.stream().allMatch(Double::isFinite)) {
            throw new UpdateRefused(
                    ProblemType.UPDATE_NOT_FINITE,
                    "headConfidence of %s: not a finite number".formatted(block));
        }
    }

    private static void requireSameBlocks(String field, Set<String> named, Set<String> blocks)
            throws UpdateRefused {
        SortedSet<String> missing = new TreeSet<>(blocks);
        missing.removeAll(named);
        SortedSet<String> unknown = new TreeSet<>(named);
        unknown.removeAll(blocks);
        require(
                missing.isEmpty(),
                "%s leaves out %s; name a block without heads by an empty list",
                field,
                missing);
        require(unknown.isEmpty(), "%s names no attention blocks of the model: %s", field, unknown);
    }

    private static void require(boolean holds, String reason, Object... arguments)
            throws UpdateRefused {
        if (!holds) {
            throw UpdateRefused.misfit(reason.formatted(arguments));
        }
    }
}
