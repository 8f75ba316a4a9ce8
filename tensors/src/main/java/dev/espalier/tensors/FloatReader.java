package dev.espalier.tensors;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Reads slices of a long row of floats, wherever they lie. Safe for many threads, and gives the
 * same values each time.
 */
@FunctionalInterface
public interface FloatReader {

    /**
     * Copies elements {@code [fromElement, fromElement + count)} to {@code into}, from {@code
     * offset} on.
     *
     * @throws IndexOutOfBoundsException if there are not as many
     */
    void read(long fromElement, float[] into, int offset, int count);

    /** Reads from the array itself: it must not change. */
    static FloatReader of(float... values) {
        return (from, into, offset, count) ->
                System.arraycopy(values, Math.toIntExact(from), into, offset, count);
    }

    /** Widens from little-endian bytes where they lie, in a mapped file for instance. */
    static FloatReader of(MemorySegment bytes, DType dtype) {
        return (from, into, offset, count) -> dtype.widen(bytes, from, into, offset, count);
    }

    /** Zero everywhere, without end. */
    static FloatReader zeros() {
        return (from, into, offset, count) -> Arrays.fill(into, offset, offset + count, 0f);
    }
}
