package dev.espalier.aggregation.importance;

import dev.espalier.protocol.update.AdapterLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which elements of a matrix any client sent. */
final class Touched {

    /**
     * @param rows null: all
     * @param columns null: all
     */
    private record Part(@Nullable BitSet rows, int @Nullable [] columns) {}

    private final List<Part> parts;

    Touched(List<AdapterLayout.Part> sent) {
        this.parts = sent.stream().distinct().map(Touched::part).toList();
    }

    /**
     * Marks the columns of one row, and leaves the rest alone.
     *
     * @param into one for each column, from {@code offset} on
     */
    void mark(int row, boolean[] into, int offset, int width) {
        for (Part part : parts) {
            if (part.rows() != null && !part.rows().get(row)) {
                continue;
            }
            if (part.columns() == null) {
                Arrays.fill(into, offset, offset + width, true);
                return;
            }
            for (int column : part.columns()) {
                into[offset + column] = true;
            }
        }
    }

    private static Part part(AdapterLayout.Part sent) {
        List<Integer> rows = sent.rows();
        List<Integer> columns = sent.columns();
        return new Part(
                rows == null ? null : bits(rows),
                columns == null ? null : columns.stream().mapToInt(Integer::intValue).toArray());
    }

    private static BitSet bits(List<Integer> indices) {
        BitSet bits = new BitSet();
        indices.forEach(bits::set);
        return bits;
    }
}
