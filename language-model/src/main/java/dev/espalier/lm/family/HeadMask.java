package dev.espalier.lm.family;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which attention heads are kept, block by block in the order of {@link
 * ModelStructure#attention()}: 1 = kept, 0 = pruned. Immutable.
 */
public final class HeadMask {

    private final boolean[][] kept;

    private HeadMask(boolean[][] kept) {
        this.kept = kept;
    }

    /** Every head of the model. */
    public static HeadMask all(ModelStructure model) {
        return of(
                model.attention().stream()
                        .map(block -> {
                            boolean[] all = new boolean[block.heads()];
                            Arrays.fill(all, true);
                            return all;
                        })
                        .toArray(boolean[][]::new));
    }

    /**
     * @param kept [block][head]; blocks may differ in their number of heads
     */
    public static HeadMask of(boolean[]... kept) {
        return new HeadMask(copy(kept));
    }

    public int blocks() {
        return kept.length;
    }

    /** Heads of a block, kept or not. */
    public int heads(int block) {
        return kept[block].length;
    }

    /** Heads of all blocks, kept or not. */
    public int heads() {
        return Arrays.stream(kept).mapToInt(block -> block.length).sum();
    }

    public boolean keeps(int block, int head) {
        return kept[block][head];
    }

    /** The kept heads of a block, ascending. */
    public List<Integer> keptHeads(int block) {
        return IntStream.range(0, heads(block)).filter(head -> keeps(block, head)).boxed().toList();
    }

    /** How many heads of a block are kept. */
    public int kept(int block) {
        return keptHeads(block).size();
    }

    /** How many heads are kept in all. */
    public int kept() {
        return IntStream.range(0, blocks()).map(this::kept).sum();
    }

    /** A copy, [block][head]. */
    public boolean[][] toArray() {
        return copy(kept);
    }

    /**
     * @throws IllegalArgumentException if the model has other blocks or heads
     */
    public void requireFits(ModelStructure model) {
        int[] heads = model.attention().stream().mapToInt(AttentionBlock::heads).toArray();
        int[] own = Arrays.stream(kept).mapToInt(block -> block.length).toArray();
        if (!Arrays.equals(heads, own)) {
            throw new IllegalArgumentException(
                    "a mask for blocks of %s heads does not fit a model of %s"
                            .formatted(Arrays.toString(own), Arrays.toString(heads)));
        }
    }

    private static boolean[][] copy(boolean[][] kept) {
        return Arrays.stream(kept).map(boolean[]::clone).toArray(boolean[][]::new);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeadMask that && Arrays.deepEquals(kept, that.kept);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(kept);
    }

    /** A digit a head, a word a block: {@code 1011 0010}. */
    @Override
    public String toString() {
        return IntStream.range(0, blocks())
                .mapToObj(block ->
                        IntStream.range(0, heads(block))
                                .mapToObj(head -> keeps(block, head) ? "1" : "0")
                                .collect(Collectors.joining()))
                .collect(Collectors.joining(" "));
    }
}
