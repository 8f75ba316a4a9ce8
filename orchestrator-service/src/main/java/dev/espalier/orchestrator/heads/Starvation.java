package dev.espalier.orchestrator.heads;

import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * For how many rounds nobody has kept each head (algorithms.md D.7, ours).
 *
 * @param rounds by block in the order of the model, by head
 */
public record Starvation(List<List<Integer>> rounds) {

    public Starvation {
        rounds = rounds.stream().map(List::copyOf).toList();
    }

    public static Starvation none(ModelStructure structure) {
        return new Starvation(
                structure.attentionBlocks().stream()
                        .map(block -> Collections.nCopies(block.heads(), 0))
                        .toList());
    }

    /** After a round of which this is known. A block that is not told of stays as it is. */
    public Starvation after(ModelStructure structure, List<BlockHeads> round) {
        Map<String, BlockHeads> told =
                round.stream().collect(Collectors.toMap(BlockHeads::block, Function.identity()));
        List<List<Integer>> next = new ArrayList<>();
        for (int b = 0; b < rounds.size(); b++) {
            BlockHeads block = told.get(structure.attentionBlocks().get(b).name());
            next.add(block == null ? rounds.get(b) : after(rounds.get(b), block.contributors()));
        }
        return new Starvation(next);
    }

    private static List<Integer> after(List<Integer> before, List<Integer> contributors) {
        return IntStream.range(0, before.size())
                .mapToObj(head -> contributors.get(head) > 0 ? 0 : before.get(head) + 1)
                .toList();
    }

    /**
     * A head that nobody has kept for long.
     *
     * @param block name of its block
     */
    public record Starved(String block, int head, int rounds) {}

    /**
     * Heads that nobody kept for at least so many rounds: longest first, then by block and head.
     */
    List<Starved> since(int least, ModelStructure structure) {
        List<Starved> starved = new ArrayList<>();
        for (int b = 0; b < rounds.size(); b++) {
            AttentionBlock block = structure.attentionBlocks().get(b);
            for (int head = 0; head < block.heads(); head++) {
                int since = rounds.get(b).get(head);
                if (since >= least) {
                    starved.add(new Starved(block.name(), head, since));
                }
            }
        }
        starved.sort(Comparator.comparing(Starved::rounds, Comparator.reverseOrder())); // stable
        return starved;
    }
}
