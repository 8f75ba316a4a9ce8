package dev.espalier.lm.weights;

import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.IndexSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a tensor crossed with some of its columns. A tensor of any rank is seen as [rows,
 * elements per row]; a vector has one column.
 *
 * @param rows null for all
 * @param columns null for all
 */
public record TensorPart(@Nullable IndexSet rows, @Nullable IndexSet columns) {

    public static final TensorPart WHOLE = new TensorPart(null, null);

    public static final TensorPart NOTHING = new TensorPart(IndexSet.of(), null);

    /** These rows, whole. */
    public static TensorPart rows(IndexSet rows) {
        return new TensorPart(rows, null);
    }

    /** These columns, whole. */
    public static TensorPart columns(IndexSet columns) {
        return new TensorPart(null, columns);
    }

    public boolean isWhole() {
        return rows == null && columns == null;
    }

    public boolean isEmpty() {
        return (rows != null && rows.size() == 0) || (columns != null && columns.size() == 0);
    }

    /** What both have. */
    public TensorPart and(TensorPart other) {
        return new TensorPart(both(rows, other.rows), both(columns, other.columns));
    }

    private static @Nullable IndexSet both(@Nullable IndexSet one, @Nullable IndexSet other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return IndexSet.of(IntStream.of(one.toArray()).filter(other::contains).toArray());
    }

    /** Whether a tensor has all these rows and columns. */
    public boolean fits(Shape whole) {
        return end(rows) <= whole.rows() && end(columns) <= whole.rowElements();
    }

    private static int end(@Nullable IndexSet chosen) {
        return chosen == null || chosen.size() == 0 ? 0 : chosen.toArray()[chosen.size() - 1] + 1;
    }

    /** The shape of the part. */
    public Shape shape(Shape whole) {
        if (isWhole()) {
            return whole;
        }
        int columnsLeft = columnsOf(whole).length;
        int rowsLeft = rowsOf(whole).length;
        return whole.rank() == 1 ? Shape.of(rowsLeft) : Shape.of(rowsLeft, columnsLeft);
    }

    /**
     * The numbers of its elements in the whole tensor, in row order.
     *
     * @throws IllegalArgumentException if the tensor has no such row or column
     */
    public int[] elements(Shape whole) {
        int width = Math.toIntExact(whole.rowElements());
        int[] across = columnsOf(whole);
        int[] elements = new int[Math.multiplyExact(rowsOf(whole).length, across.length)];
        int next = 0;
        for (int row : rowsOf(whole)) {
            for (int column : across) {
                elements[next++] = row * width + column;
            }
        }
        return elements;
    }

    /**
     * A copy of the part.
     *
     * @param values of the whole tensor
     */
    public float[] taken(Shape whole, float[] values) {
        int[] elements = elements(whole);
        float[] taken = new float[elements.length];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = values[elements[i]];
        }
        return taken;
    }

    /**
     * Overwrites the part and nothing else.
     *
     * @param values of the whole tensor
     * @param part its new values
     */
    public void put(Shape whole, float[] values, float[] part) {
        int[] elements = elements(whole);
        for (int i = 0; i < elements.length; i++) {
            values[elements[i]] = part[i];
        }
    }

    private int[] rowsOf(Shape whole) {
        return indices(rows, Math.toIntExact(whole.rows()), "row");
    }

    private int[] columnsOf(Shape whole) {
        return indices(columns, Math.toIntExact(whole.rowElements()), "column");
    }

    private static int[] indices(@Nullable IndexSet chosen, int size, String what) {
        if (chosen == null) {
            return IntStream.range(0, size).toArray();
        }
        int[] indices = chosen.toArray();
        if (indices.length > 0 && indices[indices.length - 1] >= size) {
            throw new IllegalArgumentException(
                    "there is no %s %d, only %d"
                            .formatted(what, indices[indices.length - 1], size));
        }
        return indices;
    }
}
