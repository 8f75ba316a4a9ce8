package dev.espalier.aggregation.combine;

import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;

/** Counts what the clients of a round made of each attention head (algorithms.md D.5). */
public final class HeadCensus {

    private HeadCensus() {}

    /**
     * @param kept of the updates that count, in ascending order of agent: the order in which
     *     confidences are added
     * @return one for every attention block, in the order of the model
     */
    public static List<BlockHeads> of(ModelStructure structure, Collection<KeptHeads> kept) {
        return structure.attentionBlocks().stream().map(block -> of(block, kept)).toList();
    }

    private static BlockHeads of(AttentionBlock block, Collection<KeptHeads> kept) {
        List<Integer> contributors = new ArrayList<>();
        List<Double> confidence = new ArrayList<>();
        for (int head = 0; head < block.heads(); head++) {
            List<Double> said = said(block.name(), head, kept);
            contributors.add(said.size());
            confidence.add(said.stream().mapToDouble(Double::doubleValue).average().orElse(0));
        }
        return new BlockHeads(block.name(), contributors, confidence);
    }

    private static List<Double> said(String block, int head, Collection<KeptHeads> kept) {
        return kept.stream()
                .map(one -> one.of(block, head))
                .filter(OptionalDouble::isPresent)
                .map(OptionalDouble::getAsDouble)
                .toList();
    }
}
