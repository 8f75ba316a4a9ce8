package dev.espalier.tensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * How one element lies in memory, always little-endian.
 *
 * <p>Narrowing rounds to nearest, ties to even; widening is exact. Infinities and NaN stay what
 * they are.
 */
public enum DType {
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16: 11 bits of precision, largest value 65504. */
    F16(2),
    /** The upper half of a binary32: 8 bits of precision, its full range. */
    BF16(2),
    /** Signed 64-bit integer: index sets. */
    I64(8),
    /** One byte: bitmaps. */
    U8(1),
    /** IEEE 754 binary64: read only, as what it is. */
    F64(8),
    /** Signed 32-bit integer: read only, widened. */
    I32(4);

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int SCRATCH = 4096;

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /**
     * Whether its values are floats, perhaps rounded ones: {@link #widen} and {@link #narrow}
     * apply. Not so of F64, which floats cannot hold.
     */
    public boolean isFloating() {
        return this == F32 || this == F16 || this == BF16;
    }

    /**
     * Reads {@code count} elements as floats.
     *
     * @param source elements of this type, little-endian, at any alignment
     * @throws IllegalArgumentException if this type does not hold floats
     * @throws IndexOutOfBoundsException if the slice or the array is too short
     */
    public void widen(MemorySegment source, long fromElement, float[] into, int offset, int count) {
        switch (this) {
            case F32 -> MemorySegment.copy(source, FLOAT, fromElement * 4, into, offset, count);
            case F16, BF16 -> widenHalves(source, fromElement, into, offset, count);
            case I64, U8, F64, I32 -> throw noFloats();
        }
    }

    /**
     * Writes {@code count} floats as elements of this type.
     *
     * @throws IllegalArgumentException if this type does not hold floats
     * @throws IndexOutOfBoundsException if the slice or the array is too short
     */
    public void narrow(float[] from, int offset, int count, MemorySegment target, long toElement) {
        switch (this) {
            case F32 -> MemorySegment.copy(from, offset, target, FLOAT, toElement * 4, count);
            case F16, BF16 -> narrowHalves(from, offset, count, target, toElement);
            case I64, U8, F64, I32 -> throw noFloats();
        }
    }

    /** The value that a float becomes when it is stored in this type and read again. */
    public float rounded(float value) {
        return switch (this) {
            case F32 -> value;
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BF16 -> bfloat16ToFloat(floatToBfloat16(value));
            case I64, U8, F64, I32 -> throw noFloats();
        };
    }

    /** Exact: every bfloat16 is a float. */
    public static float bfloat16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * Rounds to nearest, ties to even. A NaN keeps its sign and its upper payload and becomes
     * quiet.
     */
    public static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short)
                    ((bits >>> 16)
                            | 0x0040); // quiet, so that dropping low bits cannot make an infinity
        }
        int halfAndOdd = 0x7fff + ((bits >>> 16) & 1);
        return (short) ((bits + halfAndOdd) >>> 16);
    }

    private void widenHalves(
            MemorySegment source, long fromElement, float[] into, int offset, int count) {
        short[] scratch = new short[Math.min(count, SCRATCH)];
        for (int done = 0; done < count; done += SCRATCH) {
            int n = Math.min(SCRATCH, count - done);
            MemorySegment.copy(source, SHORT, (fromElement + done) * 2, scratch, 0, n);
            widen(scratch, into, offset + done, n);
        }
    }

    private void widen(short[] halves, float[] into, int offset, int n) {
        if (this == F16) {
            for (int i = 0; i < n; i++) {
                into[offset + i] = Float.float16ToFloat(halves[i]);
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            into[offset + i] = bfloat16ToFloat(halves[i]);
        }
    }

    private void narrowHalves(
            float[] from, int offset, int count, MemorySegment target, long toElement) {
        short[] scratch = new short[Math.min(count, SCRATCH)];
        for (int done = 0; done < count; done += SCRATCH) {
            int n = Math.min(SCRATCH, count - done);
            narrow(from, offset + done, scratch, n);
            MemorySegment.copy(scratch, 0, target, SHORT, (toElement + done) * 2, n);
        }
    }

    private void narrow(float[] from, int offset, short[] halves, int n) {
        if (this == F16) {
            for (int i = 0; i < n; i++) {
                halves[i] = Float.floatToFloat16(from[offset + i]);
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            halves[i] = floatToBfloat16(from[offset + i]);
        }
    }

    private IllegalArgumentException noFloats() {
        return new IllegalArgumentException(this + " does not hold floats");
    }
}
