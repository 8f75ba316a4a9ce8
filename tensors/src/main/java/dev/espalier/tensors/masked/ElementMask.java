package dev.espalier.tensors.masked;

import java.lang.foreign.MemorySegment;

/**
 * Which elements of a tensor are contributed, in row-major order.
 *
 * <p>Stored as a bitmap, or, where very few are, as their places. Reads the bytes where they lie:
 * they must not change.
 */
public abstract sealed class ElementMask permits BitElements, PlacedElements {

    ElementMask() {}

    /**
     * A mask of one bit per element, 1 = contributed, that is read where it lies. Bit {@code j} is
     * bit {@code j % 8} of byte {@code j / 8}, counted from the least significant, as in {@link
     * java.util.BitSet#toByteArray}. Bits after the last element are 0.
     *
     * @throws IllegalArgumentException if there are not exactly {@code ceil(elements / 8)} bytes,
     *     or a bit is set after the last element
     */
    public static ElementMask of(MemorySegment bytes, long elements) {
        return BitElements.checked(bytes, elements);
    }

    public static ElementMask of(boolean... kept) {
        byte[] bytes = new byte[(int) byteSize(kept.length)];
        for (int j = 0; j < kept.length; j++) {
            if (kept[j]) {
                bytes[j / 8] |= (byte) (1 << (j % 8));
            }
        }
        return of(MemorySegment.ofArray(bytes), kept.length);
    }

    /**
     * A mask of the places of contributed elements, I32 in little-endian order, that is read where
     * it lies.
     *
     * @throws IllegalArgumentException unless these are whole numbers of four bytes that ascend
     *     strictly, from 0 or more to less than {@code elements}
     */
    public static ElementMask ofPlaces(MemorySegment places, long elements) {
        return PlacedElements.checked(places, elements);
    }

    /** {@code ceil(elements / 8)}. */
    public static long byteSize(long elements) {
        return Math.ceilDiv(elements, 8L);
    }

    public abstract long elements();

    /** How many are contributed. */
    public abstract long kept();

    public abstract boolean keeps(long element);

    /** As a bitmap, read-only: itself, or a new one where places are stored. */
    public abstract MemorySegment bytes();

    /** How many are contributed before {@code element}. */
    abstract long rank(long element);

    /**
     * Finds the contributed ones in {@code [from, from + count)}.
     *
     * @param positions receives them, counted from {@code from}
     * @return how many
     */
    abstract int positions(long from, int count, int[] positions);

    /**
     * Whether four bytes for each contributed element are fewer than a bit for every one
     * (algorithms.md C.6, COO before bitmask; a tie is the bitmap's).
     */
    boolean isShorterAsPlaces() {
        return elements() <= Integer.MAX_VALUE
                && kept() * PlacedElements.BYTES < byteSize(elements());
    }

    /** In the shorter of both forms. */
    long storedBytes() {
        return isShorterAsPlaces() ? kept() * PlacedElements.BYTES : byteSize(elements());
    }
}
