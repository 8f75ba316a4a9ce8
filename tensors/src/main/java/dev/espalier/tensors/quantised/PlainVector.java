package dev.espalier.tensors.quantised;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One vector as floats of 16 or 32 bits.
 *
 * @param precision one without a scale
 */
record PlainVector(MemorySegment bytes, Precision precision, int length) implements Vector {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort HALF =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final float LARGEST_HALF = 65504;

    static void encode(
            float[] values, int from, int length, Precision precision, MemorySegment into) {
        for (int i = 0; i < length; i++) {
            float value = values[from + i];
            if (precision == Precision.F32) {
                into.set(FLOAT, 4L * i, value);
            } else {
                float held = Math.clamp(value, -LARGEST_HALF, LARGEST_HALF);
                into.set(HALF, 2L * i, Float.floatToFloat16(held));
            }
        }
    }

    @Override
    public float value(int i) {
        return precision == Precision.F32
                ? bytes.get(FLOAT, 4L * i)
                : Float.float16ToFloat(bytes.get(HALF, 2L * i));
    }

    @Override
    public void check() {
        for (int i = 0; i < length; i++) {
            if (!Float.isFinite(value(i))) {
                throw new IllegalArgumentException("value " + i + " is not finite");
            }
        }
    }
}
