package dev.espalier.orchestrator.heads;

import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Brings what rounds told of their heads into the order of the model. */
public final class HeadMaps {

    private HeadMaps() {}

    /**
     * What one round told.
     *
     * @param cohort how many updates counted
     * @param planned what was asked of heads
     */
    public record Told(int round, int cohort, List<BlockHeads> blocks, PlannedHeads planned) {}

    public static HeadMap of(ModelStructure structure, List<Told> rounds) {
        return new HeadMap(
                structure.attentionBlocks().stream()
                        .map(block -> new HeadMap.Block(block.name(), block.heads()))
                        .toList(),
                rounds.stream().map(told -> round(structure, told)).toList());
    }

    private static HeadMap.Round round(ModelStructure structure, Told told) {
        Map<String, BlockHeads> byName =
                told.blocks().stream()
                        .collect(Collectors.toMap(BlockHeads::block, Function.identity()));
        List<BlockHeads> blocks =
                structure.attentionBlocks().stream()
                        .map(block -> byName.getOrDefault(block.name(), nobody(block)))
                        .toList();
        return new HeadMap.Round(
                told.round(),
                told.cohort(),
                blocks.stream().map(BlockHeads::contributors).toList(),
                blocks.stream().map(BlockHeads::confidence).toList(),
                told.planned().starved().rounds(),
                told.planned().forced().stream()
                        .map(one -> new HeadMap.Forced(one.agent(), one.block(), one.head()))
                        .toList());
    }

    private static BlockHeads nobody(AttentionBlock block) {
        return new BlockHeads(
                block.name(),
                Collections.nCopies(block.heads(), 0),
                Collections.nCopies(block.heads(), 0.0));
    }
}
