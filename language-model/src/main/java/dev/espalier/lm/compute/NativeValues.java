package dev.espalier.lm.compute;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.function.Consumer;

/**
 * Moves floats between Java arrays and the engine's own memory, without a temporary buffer and with
 * no garbage. Arrays must be contiguous, as new ones, parameters and their gradients are.
 *
 * <p>{@code NDManager.create(float[])} is not used for anything that outlives a step: the engine
 * would compute on a Java buffer that only the array object keeps alive.
 */
public final class NativeValues {

    /** Values per piece of {@link #create(NDManager, Shape, Precision, Consumer)}; even. */
    private static final int PIECE = 4096;

    private NativeValues() {}

    /** A new array in the engine's memory. */
    public static NDArray create(
            NDManager manager, Shape shape, Precision precision, float[] values) {
        NDArray array = manager.create(shape, precision.type());
        write(values, array);
        return array;
    }

    /**
     * A new array in the engine's memory, filled piece by piece, so that large ones make no
     * garbage.
     *
     * @param fill overwrites a piece; called in order, on an array of even length that is used
     *     again, whose last values are left out where the shape ends
     */
    public static NDArray create(
            NDManager manager, Shape shape, Precision precision, Consumer<float[]> fill) {
        NDArray array = manager.create(shape, precision.type());
        ByteBuffer view = view(array);
        float[] piece = new float[PIECE];
        int size = Math.toIntExact(shape.size());
        for (int from = 0; from < size; from += PIECE) {
            fill.accept(piece);
            put(piece, Math.min(PIECE, size - from), view, from, precision);
        }
        return array;
    }

    private static void put(
            float[] piece, int count, ByteBuffer view, int from, Precision precision) {
        if (precision == Precision.SINGLE) {
            view.asFloatBuffer().put(from, piece, 0, count);
            return;
        }
        DoubleBuffer doubles = view.asDoubleBuffer();
        for (int i = 0; i < count; i++) {
            doubles.put(from + i, piece[i]);
        }
    }

    /** Copies {@code array} into {@code into}, rounding doubles. */
    public static void read(NDArray array, float[] into) {
        requireSize(array, into.length);
        if (array.getDataType() == DataType.FLOAT32) {
            view(array).asFloatBuffer().get(into);
            return;
        }
        DoubleBuffer doubles = view(array).asDoubleBuffer();
        for (int i = 0; i < into.length; i++) {
            into[i] = (float) doubles.get(i);
        }
    }

    /** Overwrites {@code array} in place. */
    public static void write(float[] values, NDArray array) {
        requireSize(array, values.length);
        if (array.getDataType() == DataType.FLOAT32) {
            view(array).asFloatBuffer().put(values);
            return;
        }
        DoubleBuffer doubles = view(array).asDoubleBuffer();
        for (int i = 0; i < values.length; i++) {
            doubles.put(i, values[i]);
        }
    }

    /** The values of an array as a new Java array. */
    public static float[] floats(NDArray array) {
        float[] values = new float[Math.toIntExact(array.size())];
        if (array.getDataType() == DataType.FLOAT32) {
            return array.toFloatArray(); // copes with views that are not contiguous
        }
        double[] doubles = array.toDoubleArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) doubles[i];
        }
        return values;
    }

    /** A single number, of either precision. */
    public static double number(NDArray scalar) {
        return scalar.getDataType() == DataType.FLOAT32 ? scalar.getFloat() : scalar.getDouble();
    }

    private static ByteBuffer view(NDArray array) {
        return array.toByteBuffer(true).order(ByteOrder.nativeOrder());
    }

    private static void requireSize(NDArray array, int length) {
        if (array.size() != length) {
            throw new IllegalArgumentException(
                    "array of shape %s does not hold %d values"
                            .formatted(array.getShape(), length));
        }
    }
}
