package dev.espalier.tensors.quantised;

import dev.espalier.tensors.FloatReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Vectors of one length, each in a precision of its own, packed one after the other without a gap
 * (algorithms.md B.5, ours: symmetric per vector).
 *
 * <p>Values are decoded where they lie, in an array or in a mapped file, when they are asked for.
 * Immutable as long as the bytes are; safe for many threads.
 */
public final class QuantisedVectors {

    private final MemorySegment bytes;
    private final int length;
    private final List<Vector> vectors;

    private QuantisedVectors(MemorySegment bytes, int length, List<Vector> vectors) {
        this.bytes = bytes.asReadOnly();
        this.length = length;
        this.vectors = vectors;
    }

    /**
     * Rounds vectors to fewer bits: to the nearest, ties to even; what is beyond the range of f16
     * becomes its largest value.
     *
     * @param values [vectors, length], one vector after the other
     * @param precisions one for each vector
     * @throws IllegalArgumentException if a value is not finite, or there are more or fewer
     */
    public static QuantisedVectors encode(float[] values, int length, List<Precision> precisions) {
        requireValues(values, length, precisions.size());
        MemorySegment bytes =
                MemorySegment.ofArray(new byte[Math.toIntExact(bytes(length, precisions))]);
        long at = 0;
        for (int v = 0; v < precisions.size(); v++) {
            Precision precision = precisions.get(v);
            MemorySegment place = bytes.asSlice(at, precision.bytes(length));
            Vector.encode(values, v * length, length, precision, place);
            at += place.byteSize();
        }
        return of(bytes, length, precisions);
    }

    /**
     * Packed vectors that were made elsewhere; every value is looked at once, so that none is a
     * surprise later.
     *
     * @param length values of each vector
     * @param precisions one for each vector
     * @throws IllegalArgumentException if there are more or fewer bytes, or a scale, a code or a
     *     value is not one that {@link #encode} writes
     */
    public static QuantisedVectors of(MemorySegment bytes, int length, List<Precision> precisions) {
        requireBytes(bytes, length, precisions);
        List<Vector> vectors = new ArrayList<>();
        long at = 0;
        for (Precision precision : precisions) {
            MemorySegment place = bytes.asSlice(at, precision.bytes(length));
            vectors.add(checked(Vector.of(place, precision, length), vectors.size()));
            at += place.byteSize();
        }
        return new QuantisedVectors(bytes, length, List.copyOf(vectors));
    }

    /** Bytes of vectors of one length in these precisions, scales included. */
    public static long bytes(long length, List<Precision> precisions) {
        return precisions.stream()
                .mapToLong(precision -> precision.bytes(length))
                .reduce(0, Math::addExact);
    }

    /** As they travel; read only. */
    public MemorySegment bytes() {
        return bytes;
    }

    /** How many vectors. */
    public int count() {
        return vectors.size();
    }

    /** Values of each vector. */
    public int length() {
        return length;
    }

    /** The vectors as the rows of a matrix [count, length], in row-major order. */
    public FloatReader asRows() {
        return (from, into, offset, n) -> {
            Objects.checkFromIndexSize(from, n, (long) length * count());
            for (int i = 0; i < n; i++) {
                long element = from + i;
                into[offset + i] = value((int) (element / length), (int) (element % length));
            }
        };
    }

    /** The vectors as the columns of a matrix [length, count], in row-major order. */
    public FloatReader asColumns() {
        return (from, into, offset, n) -> {
            Objects.checkFromIndexSize(from, n, (long) length * count());
            for (int i = 0; i < n; i++) {
                long element = from + i;
                into[offset + i] = value((int) (element % count()), (int) (element / count()));
            }
        };
    }

    private float value(int vector, int i) {
        return vectors.get(vector).value(i);
    }

    private static Vector checked(Vector vector, int index) {
        try {
            vector.check();
            return vector;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("vector " + index + ": " + e.getMessage(), e);
        }
    }

    private static void requireBytes(MemorySegment bytes, int length, List<Precision> precisions) {
        long needed = bytes(length, precisions);
        if (bytes.byteSize() != needed) {
            throw new IllegalArgumentException(
                    "%d bytes where %d vectors of %d values need %d"
                            .formatted(bytes.byteSize(), precisions.size(), length, needed));
        }
    }

    private static void requireValues(float[] values, int length, int count) {
        if (values.length != (long) length * count) {
            throw new IllegalArgumentException(
                    "%d values are not %d vectors of %d".formatted(values.length, count, length));
        }
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("a value is not finite");
            }
        }
    }
}
