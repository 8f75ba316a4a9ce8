package dev.espalier.tensors.masked;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/** A mask as its bitmap. */
final class BitElements extends ElementMask {

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

    private BitElements(MemorySegment bytes, long elements) {
        this.bytes = bytes;
        this.elements = elements;
        this.marks = count();
    }

    /**
     * @throws IllegalArgumentException if there are not exactly {@code ceil(elements / 8)} bytes,
     *     or a bit is set after the last element
     */
    static BitElements checked(MemorySegment bytes, long elements) {
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
        return new BitElements(bytes, elements);
    }

    @Override
    public long elements() {
        return elements;
    }

    @Override
    public long kept() {
        return marks[marks.length - 1];
    }

    @Override
    public boolean keeps(long element) {
        Objects.checkIndex(element, elements);
        return (bytes.get(ValueLayout.JAVA_BYTE, element / 8) >>> (element % 8) & 1) != 0;
    }

    @Override
    public MemorySegment bytes() {
        return bytes.asReadOnly();
    }

    @Override
    long rank(long element) {
        long word = element / 64;
        int mark = (int) (word / WORDS_PER_MARK);
        long rank = marks[mark];
        for (long w = (long) mark * WORDS_PER_MARK; w < word; w++) {
            rank += Long.bitCount(word(w));
        }
        return element % 64 == 0 ? rank : rank + Long.bitCount(word(word) & ~(-1L << element));
    }

    @Override
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
