package dev.espalier.agent.upload;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.VectorAxis;
import dev.espalier.tensors.quantised.Precision;
import dev.espalier.tensors.quantised.QuantisedVectors;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rows and columns of one adapter tensor that a scope covers: what of it is sent. */
final class CoveredPart {

    private final AdapterTensor tensor;
    private final Shape shape;
    private final Encoding encoding;
    private final int[] rows;
    private final int[] columns;

    CoveredPart(AdapterTensor tensor, AdapterLayout.Part part) {
        this.tensor = tensor;
        this.shape = Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
        this.encoding = encoding(indices(part.rows()), indices(part.columns()));
        this.rows = all(indices(part.rows()), shape.rows());
        this.columns = all(indices(part.columns()), shape.rowElements());
    }

    AdapterTensor tensor() {
        return tensor;
    }

    /** Rank-1 components in scope, ascending; of a tensor of the task head: none. */
    int[] components() {
        return switch (tensor.kind()) {
            case LORA_A -> rows;
            case LORA_B -> columns;
            case TASK_HEAD_WEIGHT, TASK_HEAD_BIAS -> new int[0];
        };
    }

    /** How many values of one component are in scope: of a row of A, or of a column of B. */
    int vectorLength() {
        return axis() == VectorAxis.ROWS ? columns.length : rows.length;
    }

    /**
     * The values of the components in scope, one component after the other.
     *
     * @param values of the whole tensor
     */
    float[] vectors(float[] values) {
        float[] vectors = new float[rows.length * columns.length];
        int next = 0;
        for (int component : components()) {
            for (int place : axis() == VectorAxis.ROWS ? columns : rows) {
                vectors[next++] =
                        axis() == VectorAxis.ROWS
                                ? value(values, component, place)
                                : value(values, place, component);
            }
        }
        return vectors;
    }

    /**
     * @param values of the whole tensor
     */
    MaskedTensor exact(float[] values) {
        float[] packed = new float[rows.length * columns.length];
        int next = 0;
        for (int row : rows) {
            for (int column : columns) {
                packed[next++] = value(values, row, column);
            }
        }
        return MaskedTensor.of(tensor.name(), shape, encoding, packed);
    }

    /**
     * @param values of the whole tensor
     * @param precisions of the components in scope
     */
    MaskedTensor quantised(float[] values, List<Precision> precisions) {
        return MaskedTensor.quantised(
                tensor.name(), shape, encoding, axis(), coded(values, precisions));
    }

    /** The components in scope, rounded. */
    QuantisedVectors coded(float[] values, List<Precision> precisions) {
        return QuantisedVectors.encode(vectors(values), vectorLength(), precisions);
    }

    private VectorAxis axis() {
        return tensor.kind() == AdapterTensor.Kind.LORA_A ? VectorAxis.ROWS : VectorAxis.COLUMNS;
    }

    private float value(float[] values, int row, int column) {
        return values[row * Math.toIntExact(shape.rowElements()) + column];
    }

    private static Encoding encoding(int @Nullable [] rows, int @Nullable [] columns) {
        if (rows != null && columns != null) {
            return new Encoding.Cells(rows, columns);
        }
        if (rows != null) {
            return new Encoding.Rows(rows);
        }
        return columns != null ? new Encoding.Columns(columns) : new Encoding.Dense();
    }

    private static int @Nullable [] indices(@Nullable List<Integer> chosen) {
        return chosen == null ? null : chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] all(int @Nullable [] chosen, long size) {
        return chosen == null ? IntStream.range(0, Math.toIntExact(size)).toArray() : chosen;
    }
}
