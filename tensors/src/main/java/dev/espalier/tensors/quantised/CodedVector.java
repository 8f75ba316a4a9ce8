package dev.espalier.tensors.quantised;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One vector as codes times a scale: {@code scale = max|x| / (2^(q-1) - 1)}, stored as f32, and
 * {@code code = round(x / scale)}, ties to even.
 *
 * @param bytes of this vector alone, its scale first
 * @param precision one with a scale
 */
record CodedVector(MemorySegment bytes, Precision precision, int length, float scale)
        implements Vector {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NIBBLE = 0xf;

    static CodedVector of(MemorySegment bytes, Precision precision, int length) {
        return new CodedVector(bytes, precision, length, bytes.get(FLOAT, 0));
    }

    static void encode(
            float[] values, int from, int length, Precision precision, MemorySegment into) {
        float scale = scale(values, from, length, precision.largestCode());
        into.set(FLOAT, 0, scale);
        for (int i = 0; i < length; i++) {
            int code = scale == 0 ? 0 : code(values[from + i], scale, precision.largestCode());
            put(into, precision, i, code);
        }
    }

    @Override
    public float value(int i) {
        return code(i) * scale;
    }

    @Override
    public void check() {
        if (!Float.isFinite(scale) || Float.floatToRawIntBits(scale) < 0) {
            throw new IllegalArgumentException("the scale " + scale + " is negative or not finite");
        }
        int largest = 0;
        for (int i = 0; i < length; i++) {
            int magnitude = Math.abs(code(i));
            if (magnitude > precision.largestCode()) {
                throw new IllegalArgumentException("the code " + code(i) + " is out of range");
            }
            largest = Math.max(largest, magnitude);
        }
        checkAgainstScale(largest);
        if (precision == Precision.INT4 && length % 2 != 0 && code(length) != 0) {
            throw new IllegalArgumentException("the last half byte is not empty");
        }
    }

    private void checkAgainstScale(int largest) {
        if (scale == 0 && largest > 0) {
            throw new IllegalArgumentException("the code " + largest + " has the scale 0");
        }
        if (!Float.isFinite(largest * scale)) {
            throw new IllegalArgumentException("a value is not finite");
        }
    }

    private int code(int i) {
        if (precision == Precision.INT8) {
            return bytes.get(ValueLayout.JAVA_BYTE, Precision.SCALE_BYTES + (long) i);
        }
        int pair = bytes.get(ValueLayout.JAVA_BYTE, Precision.SCALE_BYTES + (long) i / 2);
        int nibble = (i % 2 == 0 ? pair : pair >> 4) & NIBBLE;
        return nibble >= 8 ? nibble - 16 : nibble;
    }

    private static void put(MemorySegment into, Precision precision, int i, int code) {
        if (precision == Precision.INT8) {
            into.set(ValueLayout.JAVA_BYTE, Precision.SCALE_BYTES + (long) i, (byte) code);
            return;
        }
        long at = Precision.SCALE_BYTES + (long) i / 2;
        int low = i % 2 == 0 ? 0 : into.get(ValueLayout.JAVA_BYTE, at) & NIBBLE;
        int half = code & NIBBLE;
        into.set(ValueLayout.JAVA_BYTE, at, (byte) (i % 2 == 0 ? half : half << 4 | low));
    }

    /** The largest code must stay finite, also where the scale was rounded up. */
    private static float scale(float[] values, int from, int length, int largestCode) {
        float largest = 0;
        for (int i = 0; i < length; i++) {
            largest = Math.max(largest, Math.abs(values[from + i]));
        }
        float scale = (float) ((double) largest / largestCode);
        return Float.isFinite(largestCode * scale) ? scale : Math.nextDown(scale);
    }

    /** Held to the range because a scale near the smallest float is a coarse one. */
    private static int code(float value, float scale, int largestCode) {
        int code = (int) Math.rint((double) value / scale);
        return Math.clamp(code, -largestCode, largestCode);
    }
}
