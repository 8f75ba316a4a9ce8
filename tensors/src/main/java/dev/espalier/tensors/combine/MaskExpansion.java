package dev.espalier.tensors.combine;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.masked.ElementMask;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.SplittableRandom;

/**
 * Brings a matrix that several clients pruned to one sparsity (algorithms.md C.3 step 6; read
 * (3rd), tie orders ours).
 *
 * <p>After a mean over those who kept an element, zero are only the elements that all responders
 * pruned, so the matrix is too dense. Of the others those are zeroed that the most clients pruned:
 *
 * <pre>
 *   k = ceil(s * D) - #{ j : nobody kept j }          nothing, if k is 0 or less
 * </pre>
 *
 * <p>Nothing is sorted: the k-th smallest key is found by counting, so that a matrix is read a few
 * times and memory does not grow with it but for one bit an element. For one thread.
 */
public final class MaskExpansion {

    private static final int BLOCK = 4096;
    private static final long UNANIMOUS = Long.MAX_VALUE;

    private static final int DIGIT = 16;
    private static final int TOP = Long.SIZE - DIGIT;

    /** Bits of a key below the number of clients that kept an element, where ties are drawn. */
    private static final int LOT_BITS = 44;

    private final long elements;
    private final CountReader kept;
    private final Ranking ranking;

    /** Smaller keys are zeroed first; never negative, and less than {@link #UNANIMOUS}. */
    private interface Ranking {

        void keys(long from, int[] kept, int count, long[] into) throws IOException;
    }

    private MaskExpansion(long elements, CountReader kept, Ranking ranking) {
        this.elements = elements;
        this.kept = kept;
        this.ranking = ranking;
    }

    /**
     * The adaptive expansion: by how many clients pruned an element.
     *
     * @param values the mean over those who kept an element; read only where ties go by magnitude
     * @param kept by element: how many clients kept it; fewer than 2<sup>19</sup>
     * @param seed of drawn ties
     */
    public static MaskExpansion adaptive(
            long elements, FloatReader values, CountReader kept, TieOrder ties, long seed) {
        return new MaskExpansion(
                elements,
                kept,
                switch (ties) {
                    case MAGNITUDE_THEN_INDEX -> byMagnitude(values);
                    case INDEX ->
                            (from, counts, count, into) -> {
                                for (int i = 0; i < count; i++) {
                                    into[i] = counts[i];
                                }
                            };
                    case SEEDED_RANDOM ->
                            (from, counts, count, into) -> {
                                for (int i = 0; i < count; i++) {
                                    long lot = lot(seed, from + i) >>> (Long.SIZE - LOT_BITS);
                                    into[i] = (long) counts[i] << LOT_BITS | lot;
                                }
                            };
                });
    }

    /** The random baseline (algorithms.md C.7): any element that somebody kept is as good. */
    public static MaskExpansion random(long elements, CountReader kept, long seed) {
        return new MaskExpansion(
                elements,
                kept,
                (from, counts, count, into) -> {
                    for (int i = 0; i < count; i++) {
                        into[i] = lot(seed, from + i) >>> 2;
                    }
                });
    }

    /** {@code ceil(sparsity * elements)}, in decimal (algorithms.md C.8 #4). */
    public static long targetZeros(BigDecimal sparsity, long elements) {
        return sparsity.multiply(BigDecimal.valueOf(elements))
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }

    /**
     * @param zeros how many elements shall be zero; where more were pruned by all, they stay so
     * @return the elements that are kept: exactly {@code elements - max(zeros, pruned by all)}
     * @throws IllegalArgumentException if there are not so many elements
     */
    public ElementMask keepAllBut(long zeros) throws IOException {
        if (zeros < 0 || zeros > elements) {
            throw new IllegalArgumentException(
                    "%d zeros do not go into %d elements".formatted(zeros, elements));
        }
        Cut cut = cut(zeros);
        byte[] mask = new byte[Math.toIntExact(ElementMask.byteSize(elements))];
        long[] ties = {cut.ties()};
        forEachKey((element, key) -> {
            boolean zeroed = key < cut.key() || key == UNANIMOUS;
            if (key == cut.key() && key != UNANIMOUS && ties[0] > 0) {
                ties[0]--;
                zeroed = true;
            }
            if (!zeroed) {
                mask[(int) (element / 8)] |= (byte) (1 << (element % 8));
            }
        });
        return ElementMask.of(MemorySegment.ofArray(mask), elements);
    }

    /**
     * @param key everything below it is zeroed
     * @param ties and so many of those that have it, the lowest indices first
     */
    private record Cut(long key, long ties) {}

    /** Finds the k-th smallest key, 16 bits at a time from the top. */
    private Cut cut(long zeros) throws IOException {
        Digits digits = digits(0, TOP);
        long left = zeros - digits.unanimous;
        if (left <= 0) {
            return new Cut(0, 0);
        }
        long prefix = 0;
        for (int shift = TOP; ; shift -= DIGIT) {
            int digit = 0;
            while (left > digits.count[digit]) {
                left -= digits.count[digit++];
            }
            prefix |= (long) digit << shift;
            if (shift == 0) {
                return new Cut(prefix, left);
            }
            digits = digits(prefix, shift - DIGIT);
        }
    }

    private Digits digits(long prefix, int shift) throws IOException {
        Digits digits = new Digits(prefix, shift);
        forEachKey(digits);
        return digits;
    }

    @FunctionalInterface
    private interface KeySink {

        void take(long element, long key);
    }

    /** Counts one digit of the keys that agree with a prefix above it. */
    private static final class Digits implements KeySink {

        private final long prefix;
        private final int shift;
        private final long[] count = new long[1 << DIGIT];
        private long unanimous;

        Digits(long prefix, int shift) {
            this.prefix = prefix;
            this.shift = shift;
        }

        @Override
        public void take(long element, long key) {
            if (key == UNANIMOUS) {
                unanimous++;
            } else if (shift == TOP || key >>> (shift + DIGIT) == prefix >>> (shift + DIGIT)) {
                count[(int) (key >>> shift) & (count.length - 1)]++;
            }
        }
    }

    private void forEachKey(KeySink sink) throws IOException {
        int[] counts = new int[BLOCK];
        long[] keys = new long[BLOCK];
        for (long from = 0; from < elements; from += BLOCK) {
            int count = (int) Math.min(BLOCK, elements - from);
            kept.read(from, counts, 0, count);
            ranking.keys(from, counts, count, keys);
            for (int i = 0; i < count; i++) {
                sink.take(from + i, counts[i] == 0 ? UNANIMOUS : keys[i]);
            }
        }
    }

    /** The bits of floats that are not negative are in the order of the floats. */
    private static Ranking byMagnitude(FloatReader values) {
        float[] block = new float[BLOCK];
        return (from, counts, count, into) -> {
            values.read(from, block, 0, count);
            for (int i = 0; i < count; i++) {
                into[i] = (long) counts[i] << 32 | Float.floatToRawIntBits(Math.abs(block[i]));
            }
        };
    }

    private static long lot(long seed, long element) {
        return new SplittableRandom(seed ^ new SplittableRandom(element).nextLong()).nextLong();
    }
}
