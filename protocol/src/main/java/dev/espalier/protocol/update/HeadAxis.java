package dev.espalier.protocol.update;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How the rows or columns of one adapter tensor belong to attention heads (algorithms.md section
 * 1).
 *
 * <p>Where heads share keys and values, the rows of key and value belong to several heads and are
 * kept while one of these is (ours). Where one linear makes query, key and value, its rows are
 * those of the three, one below the other.
 *
 * @param block name of the attention block
 * @param axis of the tensor that heads divide; the other belongs to all heads
 * @param groups runs of {@code headSize} rows or columns in one part; as many as heads, or as
 *     key-value heads
 * @param parts 3 for a linear that makes query, key and value; else 1
 */
public record HeadAxis(String block, Axis axis, int heads, int groups, int headSize, int parts) {

    /** What heads divide. */
    public enum Axis {
        /** B of query, key and value. */
        ROWS,
        /** A of output. */
        COLUMNS
    }

    /** The heads to which a row or column belongs. */
    public List<Integer> headsOf(int index) {
        int group = index / headSize % groups;
        int shared = heads / groups;
        return IntStream.range(group * shared, (group + 1) * shared).boxed().toList();
    }

    /**
     * The rows or columns that belong to any of these heads, ascending.
     *
     * @param kept heads, ascending
     */
    public List<Integer> indicesOf(List<Integer> kept) {
        int shared = heads / groups;
        List<Integer> keptGroups = kept.stream().map(head -> head / shared).distinct().toList();
        return IntStream.range(0, parts)
                .boxed()
                .flatMap(part -> keptGroups.stream().map(group -> part * groups + group))
                .flatMap(run -> IntStream.range(run * headSize, (run + 1) * headSize).boxed())
                .toList();
    }
}
