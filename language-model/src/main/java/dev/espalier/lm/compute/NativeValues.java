package dev.espalier.lm.compute;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Moves floats between Java arrays and the engine's own memory, without a temporary buffer and with
 * no garbage. Arrays must be contiguous, as new ones, parameters and their gradients are.
 *
 * <p>{@code NDManager.create(float[])} is not used for anything that outlives a step: the engine
 * would compute on a Java buffer that only the array object keeps alive.
 *
 * <p>Java sees the memory of the CPU alone. What lives on a GPU goes through a copy on the CPU,
 * which is freed at once.
 */
public final class NativeValues {

    /** Values per piece of {@link #create(NDManager, Shape, Precision, Consumer)}; even. */
    private static final int PIECE = 4096;

    /** All of an array. */
    private static final NDIndex EVERYTHING = new NDIndex(":");

    private NativeValues() {}

    /** A new array in the engine's memory. */
    public static NDArray create(
            NDManager manager, Shape shape, Precision precision, float[] values) {
        return made(
                manager,
                home -> {
                    NDArray array = home.create(shape, precision.type());
                    writeSeen(values, array);
                    return array;
                });
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
        return made(manager, home -> filled(home.create(shape, precision.type()), precision, fill));
    }

    private static NDArray filled(NDArray array, Precision precision, Consumer<float[]> fill) {
        ByteBuffer view = view(array);
        float[] piece = new float[PIECE];
        int size = Math.toIntExact(array.size());
        for (int from = 0; from < size; from += PIECE) {
            fill.accept(piece);
            put(piece, Math.min(PIECE, size - from), view, from, precision);
        }
        return array;
    }

    private static void put(
            float[] piece, int count, ByteBuffer view, int from, Precision precision) {
        if (precision.type() == DataType.FLOAT32) {
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
        if (isSeen(array.getDevice())) {
            readSeen(array, into);
        } else {
            readThroughCopy(array, into);
        }
    }

    /** For arrays that Java does not see. */
    static void readThroughCopy(NDArray array, float[] into) {
        try (NDManager host = array.getManager().newSubManager(Device.cpu())) {
            NDArray copy = array.toDevice(Device.cpu(), true);
            copy.attach(host);
            readSeen(copy, into);
        }
    }

    private static void readSeen(NDArray array, float[] into) {
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
        if (isSeen(array.getDevice())) {
            writeSeen(values, array);
        } else {
            writeThroughCopy(values, array);
        }
    }

    /** For arrays that Java does not see. */
    static void writeThroughCopy(float[] values, NDArray array) {
        try (Gradients _ = Gradients.off(); // else no parameter lets itself be overwritten
                NDManager host = array.getManager().newSubManager(Device.cpu())) {
            NDArray copy = host.create(array.getShape(), array.getDataType());
            writeSeen(values, copy);
            NDArray moved = copy.toDevice(array.getDevice(), false);
            moved.attach(host);
            array.set(EVERYTHING, moved);
        }
    }

    private static void writeSeen(float[] values, NDArray array) {
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

    /**
     * Makes an array where Java can fill it, and moves it where it belongs.
     *
     * @param formula given a manager on the CPU
     */
    private static NDArray made(NDManager manager, Function<NDManager, NDArray> formula) {
        if (isSeen(manager.getDevice())) {
            return formula.apply(manager);
        }
        try (NDManager host = manager.newSubManager(Device.cpu())) {
            NDArray moved = formula.apply(host).toDevice(manager.getDevice(), false);
            moved.attach(manager);
            return moved;
        }
    }

    private static boolean isSeen(Device device) {
        return !device.isGpu();
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
