package dev.espalier.tensors.masked;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Contributions of every encoding, each beside a plain picture of itself: one value and one mask
 * bit per element.
 */
public final class AnyTensors {

    private static final ValueLayout.OfInt PLACE =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private AnyTensors() {}

    /** A contribution and what it means. Arrays [elements]. */
    public record Pictured(MaskedTensor tensor, boolean[] mask, float[] values) {}

    public static Shape matrix(Random any, int most) {
        return Shape.of(1 + any.nextInt(most), 1 + any.nextInt(most));
    }

    /** One of the six encodings at random, the elements of one being few at times. */
    public static Pictured any(Random any, String name, Shape shape) {
        boolean[] rows = bits(any, (int) shape.dimension(0));
        boolean[] columns = bits(any, (int) shape.dimension(1));
        boolean[] elements = bits(any, (int) shape.elements());
        return switch (any.nextInt(7)) {
            case 0 -> dense(any, name, shape);
            case 1 -> rows(any, name, shape, rows);
            case 2 -> columns(any, name, shape, columns);
            case 3 -> cells(any, name, shape, rows, columns);
            case 4 -> bitmap(any, name, shape, elements);
            case 5 -> placed(any, name, shape);
            default -> maskOnly(any, name, shape, elements);
        };
    }

    public static Pictured dense(Random any, String name, Shape shape) {
        float[] values = values(any, shape);
        boolean[] mask = new boolean[values.length];
        Arrays.fill(mask, true);
        return new Pictured(MaskedTensor.dense(name, shape, values), mask, values);
    }

    public static Pictured rows(Random any, String name, Shape shape, boolean[] rows) {
        float[] values = values(any, shape);
        boolean[] mask = mask(shape, rows, null);
        return new Pictured(
                MaskedTensor.rows(name, shape, indices(rows), packed(values, mask)), mask, values);
    }

    public static Pictured columns(Random any, String name, Shape shape, boolean[] columns) {
        float[] values = values(any, shape);
        boolean[] mask = mask(shape, null, columns);
        return new Pictured(
                MaskedTensor.columns(name, shape, indices(columns), packed(values, mask)),
                mask,
                values);
    }

    public static Pictured cells(
            Random any, String name, Shape shape, boolean[] rows, boolean[] columns) {
        float[] values = values(any, shape);
        boolean[] mask = mask(shape, rows, columns);
        MaskedTensor tensor =
                MaskedTensor.cells(
                        name, shape, indices(rows), indices(columns), packed(values, mask));
        return new Pictured(tensor, mask, values);
    }

    public static Pictured bitmap(Random any, String name, Shape shape, boolean[] mask) {
        float[] values = values(any, shape);
        return new Pictured(
                MaskedTensor.bitmap(name, shape, ElementMask.of(mask), packed(values, mask)),
                mask,
                values);
    }

    /** A few elements, by their places. */
    public static Pictured placed(Random any, String name, Shape shape) {
        float[] values = values(any, shape);
        boolean[] mask = new boolean[values.length];
        for (int i = any.nextInt(4); i > 0; i--) {
            mask[any.nextInt(mask.length)] = true;
        }
        int[] places = indices(mask);
        MemorySegment bytes = MemorySegment.ofArray(new byte[4 * places.length]);
        for (int i = 0; i < places.length; i++) {
            bytes.set(PLACE, 4L * i, places[i]);
        }
        ElementMask elements = ElementMask.ofPlaces(bytes, mask.length);
        return new Pictured(
                MaskedTensor.bitmap(name, shape, elements, packed(values, mask)), mask, values);
    }

    public static Pictured maskOnly(Random any, String name, Shape shape, boolean[] mask) {
        float[] values = values(any, shape);
        MaskedTensor tensor =
                MaskedTensor.maskOnly(name, shape, ElementMask.of(mask))
                        .withOwnValues(FloatReader.of(values));
        return new Pictured(tensor, mask, values);
    }

    public static boolean[] bits(Random any, int n) {
        int outOfTen = any.nextInt(11); // none and all happen too
        boolean[] bits = new boolean[n];
        for (int i = 0; i < n; i++) {
            bits[i] = any.nextInt(10) < outOfTen;
        }
        return bits;
    }

    private static boolean[] mask(Shape shape, boolean[] rows, boolean[] columns) {
        int width = (int) shape.rowElements();
        boolean[] mask = new boolean[(int) shape.elements()];
        for (int j = 0; j < mask.length; j++) {
            mask[j] = (rows == null || rows[j / width]) && (columns == null || columns[j % width]);
        }
        return mask;
    }

    private static int[] indices(boolean[] kept) {
        return IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
    }

    private static float[] packed(float[] values, boolean[] mask) {
        int[] kept = indices(mask);
        float[] packed = new float[kept.length];
        for (int i = 0; i < kept.length; i++) {
            packed[i] = values[kept[i]];
        }
        return packed;
    }

    /** Zeros of both signs, tiny and large numbers among ordinary ones. */
    private static float[] values(Random any, Shape shape) {
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (any.nextInt(12)) {
                        case 0 -> 0f;
                        case 1 -> -0f;
                        case 2 -> Float.MIN_VALUE * any.nextInt(9);
                        case 3 -> (float) any.nextGaussian() * 1e30f;
                        default -> (float) any.nextGaussian();
                    };
        }
        return values;
    }
}
