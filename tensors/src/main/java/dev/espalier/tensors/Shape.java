package dev.espalier.tensors;

import java.util.Arrays;

/**
 * The extent of a tensor in each dimension, outermost first, row-major. Immutable.
 *
 * <p>The rank-0 shape is a scalar with one element; a dimension of 0 makes an empty tensor.
 */
public final class Shape {

    private final long[] dimensions;
    private final long elements;

    private Shape(long[] dimensions) {
        this.dimensions = dimensions;
        this.elements = count(dimensions);
    }

    /**
     * A shape of these dimensions; none at all make a scalar.
     *
     * @throws IllegalArgumentException for a negative dimension, or if the number of elements does
     *     not fit in a long
     */
    public static Shape of(long... dimensions) {
        return new Shape(dimensions.clone());
    }

    public int rank() {
        return dimensions.length;
    }

    /**
     * Extent in one dimension.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= i < rank()}
     */
    public long dimension(int i) {
        return dimensions[i];
    }

    /** The product of all dimensions. */
    public long elements() {
        return elements;
    }

    /**
     * Bytes of a dense tensor of this shape.
     *
     * @throws IllegalArgumentException if that does not fit in a long
     */
    public long bytes(DType dtype) {
        try {
            return Math.multiplyExact(elements, (long) dtype.bytes());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "shape " + this + " of " + dtype + " has too many bytes", e);
        }
    }

    /** The first dimension; 1 for a scalar. */
    public long rows() {
        return dimensions.length == 0 ? 1 : dimensions[0];
    }

    /** Elements in one row, the product of all dimensions but the first. */
    public long rowElements() {
        return dimensions.length == 0
                ? 1
                : count(Arrays.copyOfRange(dimensions, 1, dimensions.length));
    }

    public long[] toArray() {
        return dimensions.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape that && Arrays.equals(dimensions, that.dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    /** As in {@code [8, 384]}. */
    @Override
    public String toString() {
        return Arrays.toString(dimensions);
    }

    /** A zero does not excuse an overflow beside it: rowElements() must exist for every Shape. */
    private static long count(long[] dimensions) {
        long nonZero = 1;
        boolean empty = false;
        for (long dimension : dimensions) {
            if (dimension < 0) {
                throw new IllegalArgumentException(
                        "negative dimension in shape " + Arrays.toString(dimensions));
            }
            empty |= dimension == 0;
            nonZero = timesExact(nonZero, Math.max(dimension, 1), dimensions);
        }
        return empty ? 0 : nonZero;
    }

    private static long timesExact(long product, long dimension, long[] dimensions) {
        if (Math.multiplyHigh(product, dimension) != 0 || product * dimension < 0) {
            throw new IllegalArgumentException(
                    "too many elements in shape " + Arrays.toString(dimensions));
        }
        return product * dimension;
    }
}
