package dev.espalier.lm.prune;

import dev.espalier.lm.family.LinearLayer;

/**
 * The W of one linear layer as pruners see it: a row for each output, a column for each input,
 * whichever way it is stored.
 */
final class WeightMatrix {

    private final int rows;
    private final int columns;
    private final float[] values;

    /**
     * @param values [rows, columns] in row order; not copied
     */
    WeightMatrix(int rows, int columns, float[] values) {
        this.rows = rows;
        this.columns = columns;
        this.values = values;
    }

    /**
     * @param stored W in the form in which the layer's weights hold it
     */
    static WeightMatrix of(LinearLayer linear, float[] stored) {
        return new WeightMatrix(
                linear.out(),
                linear.in(),
                linear.inputFirst() ? transposed(stored, linear.in(), linear.out()) : stored);
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** [rows, columns] in row order; not a copy. */
    float[] values() {
        return values;
    }

    /** Place in {@link #values}. */
    int index(int row, int column) {
        return row * columns + column;
    }

    /** The place in the stored tensor of a place in {@link #values}. */
    static int storedIndex(LinearLayer linear, int index) {
        int row = index / linear.in();
        int column = index % linear.in();
        return linear.inputFirst() ? column * linear.out() + row : index;
    }

    /** W in the form in which the layer's weights hold it. */
    float[] stored(LinearLayer linear) {
        return linear.inputFirst() ? transposed(values, rows, columns) : values;
    }

    private static float[] transposed(float[] values, int rows, int columns) {
        float[] turned = new float[values.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                turned[c * rows + r] = values[r * columns + c];
            }
        }
        return turned;
    }
}
