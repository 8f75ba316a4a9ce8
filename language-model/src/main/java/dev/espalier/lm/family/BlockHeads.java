package dev.espalier.lm.family;

import dev.espalier.tensors.masked.IndexSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The heads that an attention block still has. They keep their order and close ranks: with heads 1
 * and 3 of 4 kept, rows 0 to d - 1 of the smaller query are those of head 1.
 *
 * <p>Where heads share keys and values, these stay as long as one of the heads that ask them does.
 *
 * @param number of the block, in the order of {@link ModelStructure#attention()}
 * @param whole the block with all heads
 * @param kept numbers of the heads that are left, ascending
 */
public record BlockHeads(int number, AttentionBlock whole, List<Integer> kept) {

    public BlockHeads {
        kept = List.copyOf(kept);
    }

    /** Whether nothing is left of the block but the bias of its output. */
    public boolean isEmpty() {
        return kept.isEmpty();
    }

    public boolean isWhole() {
        return kept.size() == whole.heads();
    }

    /** The block as it is left. Its heads need not be spread evenly over keys and values. */
    public AttentionBlock left() {
        return new AttentionBlock(
                whole.kind(),
                whole.name(),
                kept.size(),
                keyValueHeads().size(),
                whole.headSize(),
                whole.query(),
                whole.key(),
                whole.value(),
                whole.output());
    }

    /** Numbers of the key and value heads that are left, ascending. */
    List<Integer> keyValueHeads() {
        return kept.stream().map(this::keyValueHead).distinct().toList();
    }

    /** For every head that is left the place of its keys and values among those that are left. */
    List<Integer> keyValuePlaces() {
        List<Integer> left = keyValueHeads();
        return kept.stream().map(head -> left.indexOf(keyValueHead(head))).toList();
    }

    /** Whether as many heads ask each of the keys and values. Of a block that has heads. */
    boolean isEven() {
        List<Integer> places = keyValuePlaces();
        int groups = keyValueHeads().size();
        return places.size() % groups == 0
                && IntStream.range(0, places.size())
                        .allMatch(i -> places.get(i) == i / (places.size() / groups));
    }

    /** Rows of query, and columns of output, that belong to heads that are left. */
    IndexSet lanes() {
        return lanes(kept);
    }

    /** Rows of key, and of value, that belong to heads that are left. */
    IndexSet keyValueLanes() {
        return lanes(keyValueHeads());
    }

    private int keyValueHead(int head) {
        return head * whole.keyValueHeads() / whole.heads();
    }

    private IndexSet lanes(List<Integer> heads) {
        int size = whole.headSize();
        return IndexSet.of(
                heads.stream()
                        .flatMapToInt(h -> IntStream.range(h * size, (h + 1) * size))
                        .toArray());
    }
}
