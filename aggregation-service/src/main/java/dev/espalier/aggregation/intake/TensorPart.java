package dev.espalier.aggregation.intake;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.IndexSet;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows and columns of one tensor; all of them is written as null, however it was encoded, so that
 * equal parts are equal.
 */
record TensorPart(@Nullable List<Integer> rows, @Nullable List<Integer> columns) {

    static TensorPart asked(AdapterLayout.Part part, Shape full) {
        return new TensorPart(some(part.rows(), full, 0), some(part.columns(), full, 1));
    }

    /** Empty for a bitmap, which is no way to send part of an adapter. */
    static Optional<TensorPart> sent(Encoding encoding, Shape full) {
        return switch (encoding) {
            case Encoding.Dense() -> Optional.of(new TensorPart(null, null));
            case Encoding.Rows(IndexSet rows) ->
                    Optional.of(new TensorPart(some(list(rows), full, 0), null));
            case Encoding.Columns(IndexSet columns) ->
                    Optional.of(new TensorPart(null, some(list(columns), full, 1)));
            case Encoding.Cells(IndexSet rows, IndexSet columns) ->
                    Optional.of(
                            new TensorPart(
                                    some(list(rows), full, 0), some(list(columns), full, 1)));
            case Encoding.Bitmap _, Encoding.MaskOnly _ -> Optional.empty();
        };
    }

    private static List<Integer> list(IndexSet indices) {
        return Arrays.stream(indices.toArray()).boxed().toList();
    }

    private static @Nullable List<Integer> some(
            @Nullable List<Integer> indices, Shape full, int dimension) {
        return indices == null || indices.size() == full.dimension(dimension) ? null : indices;
    }
}
