package dev.espalier.tensors.masked;

import dev.espalier.tensors.Shape;

/**
 * Which elements of a tensor a contribution holds. Values are always packed in the tensor's own
 * row-major order, with what is not contributed left out.
 */
public sealed interface Encoding {

    /** Everything. Values [full shape]. */
    record Dense() implements Encoding {}

    /** Whole rows, indices into the first dimension. Values [k, rest…]. */
    record Rows(IndexSet indices) implements Encoding {
        public Rows(int... indices) {
            this(IndexSet.of(indices));
        }
    }

    /** Whole columns of a matrix. Values [rows, k]. */
    record Columns(IndexSet indices) implements Encoding {
        public Columns(int... indices) {
            this(IndexSet.of(indices));
        }
    }

    /** The crossings of some rows and some columns of a matrix. Values [k, m]. */
    record Cells(IndexSet rows, IndexSet columns) implements Encoding {
        public Cells(int[] rows, int[] columns) {
            this(IndexSet.of(rows), IndexSet.of(columns));
        }
    }

    /** Any elements. Values [number of them]. */
    record Bitmap(ElementMask mask) implements Encoding {}

    /** Any elements, unchanged: no values travel, the receiver has them already. */
    record MaskOnly(ElementMask mask) implements Encoding {}

    /** Shape of the packed values. */
    default Shape packed(Shape full) {
        return switch (this) {
            case Dense() -> full;
            case Rows(IndexSet rows) -> withRows(full, rows.size());
            case Columns(IndexSet columns) -> Shape.of(full.dimension(0), columns.size());
            case Cells(IndexSet rows, IndexSet columns) -> Shape.of(rows.size(), columns.size());
            case Bitmap(ElementMask mask) -> Shape.of(mask.kept());
            case MaskOnly(ElementMask mask) -> Shape.of(mask.kept());
        };
    }

    /**
     * Bytes to say which elements, with an index set counted as the bitmap it stands for: {@code
     * ceil(n / 8)} for n rows, columns or elements. Single elements that come with values take four
     * bytes each where that is less.
     */
    default long maskBytes(Shape full) {
        return switch (this) {
            case Dense() -> 0;
            case Rows(IndexSet rows) -> ElementMask.byteSize(full.dimension(0));
            case Columns(IndexSet columns) -> ElementMask.byteSize(full.dimension(1));
            case Cells(IndexSet rows, IndexSet columns) ->
                    ElementMask.byteSize(full.dimension(0))
                            + ElementMask.byteSize(full.dimension(1));
            case Bitmap(ElementMask mask) -> mask.storedBytes();
            case MaskOnly(ElementMask mask) -> ElementMask.byteSize(mask.elements());
        };
    }

    /**
     * Holds the encoding against the tensor it is taken from.
     *
     * @throws IllegalArgumentException if a tensor of this shape has no such elements
     */
    default void requireFits(Shape full) {
        switch (this) {
            case Dense() -> {}
            case Rows(IndexSet rows) -> {
                requireRank(full.rank() >= 1, full);
                rows.requireBelow(full.dimension(0), "row");
            }
            case Columns(IndexSet columns) -> {
                requireRank(full.rank() == 2, full);
                columns.requireBelow(full.dimension(1), "column");
            }
            case Cells(IndexSet rows, IndexSet columns) -> {
                requireRank(full.rank() == 2, full);
                rows.requireBelow(full.dimension(0), "row");
                columns.requireBelow(full.dimension(1), "column");
            }
            case Bitmap(ElementMask mask) -> requireLength(mask, full);
            case MaskOnly(ElementMask mask) -> requireLength(mask, full);
        }
    }

    private void requireRank(boolean fits, Shape full) {
        if (!fits) {
            throw new IllegalArgumentException(
                    getClass().getSimpleName() + " cannot be taken from shape " + full);
        }
    }

    private static void requireLength(ElementMask mask, Shape full) {
        if (mask.elements() != full.elements()) {
            throw new IllegalArgumentException(
                    "a bitmap of %d elements does not fit shape %s"
                            .formatted(mask.elements(), full));
        }
    }

    private static Shape withRows(Shape full, int rows) {
        long[] dimensions = full.toArray();
        dimensions[0] = rows;
        return Shape.of(dimensions);
    }
}
