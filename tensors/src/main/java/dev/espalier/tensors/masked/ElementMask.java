package dev.espalier.tensors.masked;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * One bit per element of a tensor, in row-major order: 1 = contributed.
 *
 * <p>Bit {@code j} is bit {@code j % 8} of byte {@code j / 8}, counted from the least significant,
 * as in {@link java.util.BitSet#toByteArray}. Bits after the last element are 0. Reads the bytes
 * where they lie: they must not change.
 */
public final class ElementMask {

    private static final ValueLayout.OfLong WORD =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int WORDS_PER_MARK = 64;

    private final MemorySegment bytes;
    private final long elements;

    /**
     * {@code marks[i]} bits are set before word {@code i * WORDS_PER_MARK}; the last mark counts
     * all.
     */
    private final long[] marks;

    private ElementMask(MemorySegment bytes, long elements) {
        this.bytes = bytes;
        this.elements = elements;
        this.marks = count();
    }

    /**
     * A mask that is read where it lies.
     *
     * @throws IllegalArgumentException if there are not exactly {@code ceil(elements / 8)} bytes,
     *     or a bit is set after the last element
     */
    public static ElementMask of(MemorySegment bytes, long elements) {
        if (bytes.byteSize() != byteSize(elements)) {
            throw new IllegalArgumentException(
                    "a bitmap for %d elements has %d bytes, not %d"
                            .formatted(elements, byteSize(elements), bytes.byteSize()));
        }
        int used = (int) (elements % 8);
        if (used != 0
                && (Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, elements / 8)) >>> used)
                        != 0) {
            throw new IllegalArgumentException(
                    "a bit is set after the last of " + elements + " elements");
        }
        return new ElementMask(bytes, elements);
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

    /** {@code ceil(elements / 8)}. */
    public static long byteSize(long elements) {
        return Math.ceilDiv(elements, 8L);
    }

    public long elements() {
        return elements;
    }

    /** How many bits are set. */
    public long kept() {
        return marks[marks.length - 1];
    }

    public boolean keeps(long element) {
        Objects.checkIndex(element, elements);
        return (bytes.get(ValueLayout.JAVA_BYTE, element / 8) >>> (element % 8) & 1) != 0;
    }

    /** The bitmap itself, read-only. */
    public MemorySegment bytes() {
        return bytes.asReadOnly();
    }

    /** How many bits are set before {@code element}. */
    long rank(long element) {
        long word = element / 64;
        int mark = (int) (word / WORDS_PER_MARK);
        long rank = marks[mark];
        for (long w = (long) mark * WORDS_PER_MARK; w < word; w++) {
            rank += Long.bitCount(word(w));
        }
        return element % 64 == 0 ? rank : rank + Long.bitCount(word(word) & ~(-1L << element));
    }

    /**
     * Finds the set bits in {@code [from, from + count)}.
     *
     * @param positions receives them, counted from {@code from}
     * @return how many
     */
    int positions(long from, int count, int[] positions) {
        int found = 0;
        long to = from + count;
        for (long word = from / 64; word * 64 < to; word++) {
            int base = (int) (word * 64 - from);
            for (long left = within(word, from, to); left != 0; left &= left - 1) {
                positions[found++] = base + Long.numberOfTrailingZeros(left);
            }
        }
        return found;
    }

    private long within(long word, long from, long to) {
        long bits = word(word);
        if (word * 64 < from) {
            bits &= -1L << from;
        }
        if (word * 64 + 64 > to) {
            bits &= -1L >>> -to;
        }
        return bits;
    }

    /** The last word may have fewer than eight bytes. */
    private long word(long word) {
        long at = word * 8;
        if (at + 8 <= bytes.byteSize()) {
            return bytes.get(WORD, at);
        }
        long bits = 0;
        for (int i = 0; at + i < bytes.byteSize(); i++) {
            bits |= Byte.toUnsignedLong(bytes.get(ValueLayout.JAVA_BYTE, at + i)) << (8 * i);
        }
        return bits;
    }

    private long[] count() {
        long words = Math.ceilDiv(elements, 64L);
        long[] counted = new long[Math.toIntExact(words / WORDS_PER_MARK) + 2];
        long total = 0;
        for (long w = 0; w < words; w++) {
            if (w % WORDS_PER_MARK == 0) {
                counted[(int) (w / WORDS_PER_MARK)] = total;
            }
            total += Long.bitCount(word(w));
        }
        if (words % WORDS_PER_MARK == 0) {
            counted[counted.length - 2] = total;
        }
        counted[counted.length - 1] = total;
        return counted;
    }
}
