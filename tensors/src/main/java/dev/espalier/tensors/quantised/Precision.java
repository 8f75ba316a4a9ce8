package dev.espalier.tensors.quantised;

/** How many bits each value of a vector takes; all little-endian. */
public enum Precision {
    /** An f32 scale, then signed codes in -7..7, two to a byte, the first in the low half. */
    INT4(4),
    /** An f32 scale, then signed codes in -127..127. */
    INT8(8),
    /** IEEE 754 binary16, no scale. */
    F16(16),
    /** IEEE 754 binary32, no scale. */
    F32(32);

    static final int SCALE_BYTES = 4;

    private final int bits;

    Precision(int bits) {
        this.bits = bits;
    }

    /**
     * @throws IllegalArgumentException unless it is 4, 8, 16 or 32
     */
    public static Precision of(int bits) {
        return switch (bits) {
            case 4 -> INT4;
            case 8 -> INT8;
            case 16 -> F16;
            case 32 -> F32;
            default ->
                    throw new IllegalArgumentException(
                            "a value has 4, 8, 16 or 32 bits, not " + bits);
        };
    }

    public int bits() {
        return bits;
    }

    /** Whether values are codes times a scale. */
    public boolean hasScale() {
        return this == INT4 || this == INT8;
    }

    /** Bytes of one vector of so many values, its scale with it. */
    public long bytes(long length) {
        long payload = Math.ceilDiv(Math.multiplyExact(length, (long) bits), 8L);
        return hasScale() ? Math.addExact(payload, SCALE_BYTES) : payload;
    }

    /** The largest code; the smallest is its negative, so that zero lies in the middle. */
    int largestCode() {
        return (1 << (bits - 1)) - 1;
    }
}
