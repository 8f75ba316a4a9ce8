package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Simulated clients of one opinion: what they have to keep, and then the first heads. */
final class KeptHeads {

    private KeptHeads() {}

    /** Of a model with one block; null where nobody prunes. */
    static @Nullable List<BlockHeads> of(
            ModelStructure structure, List<@Nullable HeadAllowance> allowances) {
        if (allowances.stream().allMatch(Objects::isNull)) {
            return null;
        }
        AttentionBlock block = structure.attentionBlocks().getFirst();
        List<List<Integer>> kept =
                allowances.stream().map(allowance -> kept(block, allowance)).toList();
        List<Integer> contributors =
                IntStream.range(0, block.heads())
                        .mapToObj(h -> (int) kept.stream().filter(k -> k.contains(h)).count())
                        .toList();
        return List.of(
                new BlockHeads(
                        block.name(),
                        contributors,
                        contributors.stream().map(count -> count > 0 ? 0.5 : 0.0).toList()));
    }

    private static List<Integer> kept(AttentionBlock block, HeadAllowance allowance) {
        List<Integer> forced = allowance.forced().getOrDefault(block.name(), List.of());
        return IntStream.concat(
                        forced.stream().mapToInt(Integer::intValue),
                        IntStream.range(0, block.heads()).filter(head -> !forced.contains(head)))
                .limit(allowance.atMost())
                .boxed()
                .toList();
    }
}
