package dev.espalier.tensors.combine;

import dev.espalier.tensors.Shape;
import java.util.Arrays;

/**
 * How much a contribution counts: one number, or one per row or per column.
 *
 * <p>Each is 0 or between {@value #SMALLEST} and {@value #LARGEST}, so that no product with a float
 * can overflow or vanish in double. Immutable.
 */
public final class Weight {

    static final double SMALLEST = 1e-100;
    static final double LARGEST = 1e100;

    private enum Along {
        NOTHING,
        ROWS,
        COLUMNS
    }

    private final Along along;
    private final double[] values;

    private Weight(Along along, double... values) {
        this.along = along;
        this.values = values.clone();
        for (double value : this.values) {
            if (value != 0
                    && !(value >= SMALLEST && value <= LARGEST)) { // written so that NaN fails too
                throw new IllegalArgumentException(
                        "a weight must be 0 or in [1e-100, 1e100]: " + value);
            }
        }
    }

    /**
     * One weight for the whole tensor.
     *
     * @throws IllegalArgumentException if the weight is negative, NaN, infinite or beyond the range
     */
    public static Weight of(double value) {
        return new Weight(Along.NOTHING, value);
    }

    /** One weight for each index of the first dimension. */
    public static Weight perRow(double... values) {
        return new Weight(Along.ROWS, values);
    }

    /** One weight for each column of a matrix. */
    public static Weight perColumn(double... values) {
        return new Weight(Along.COLUMNS, values);
    }

    boolean isScalar() {
        return along == Along.NOTHING;
    }

    double scalar() {
        return values[0];
    }

    boolean hasZero() {
        return Arrays.stream(values).anyMatch(value -> value == 0);
    }

    /**
     * @throws IllegalArgumentException if there is not one weight for each row or column
     */
    void requireFits(Shape shape) {
        boolean fits =
                switch (along) {
                    case NOTHING -> true;
                    case ROWS -> shape.rank() >= 1 && shape.dimension(0) == values.length;
                    case COLUMNS -> shape.rank() == 2 && shape.dimension(1) == values.length;
                };
        if (!fits) {
            throw new IllegalArgumentException(
                    "%d weights along %s do not fit shape %s"
                            .formatted(values.length, along, shape));
        }
    }

    /** The weight of each element {@code [from, from + count)}. */
    void fill(Shape shape, long from, int count, double[] into) {
        switch (along) {
            case NOTHING -> Arrays.fill(into, 0, count, values[0]);
            case ROWS -> fillRows(shape.rowElements(), from, count, into);
            case COLUMNS -> fillColumns(from, count, into);
        }
    }

    private void fillRows(long rowElements, long from, int count, double[] into) {
        int done = 0;
        while (done < count) {
            long row = (from + done) / rowElements;
            int end = (int) Math.min(count, (row + 1) * rowElements - from);
            Arrays.fill(into, done, end, values[(int) row]);
            done = end;
        }
    }

    private void fillColumns(long from, int count, double[] into) {
        int column = (int) (from % values.length);
        for (int i = 0; i < count; i++) {
            into[i] = values[column];
            column = column + 1 == values.length ? 0 : column + 1;
        }
    }

    @Override
    public String toString() {
        return isScalar() ? Double.toString(values[0]) : along + Arrays.toString(values);
    }
}
