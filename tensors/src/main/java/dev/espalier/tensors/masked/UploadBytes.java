package dev.espalier.tensors.masked;

import dev.espalier.tensors.quantised.Precision;
import java.util.Arrays;

/**
 * Exact bytes of payload and masks for updates whose tensors share a mask, as pure functions on
 * shapes.
 *
 * <p>Transport framing is not in here; it is reported beside it. {@code v} is the number of bytes
 * per value: 4 for F32, 2 for F16 and BF16. A LoRA module has A [r, in] and B [out, r].
 */
public final class UploadBytes {

    private static final int FORMAT_BYTE = 1;
    private static final int CONFIDENCE_BYTES = 4;
    private static final int COORDINATE_BYTES = 4;

    private UploadBytes() {}

    /** Both factors in full: {@code r (in + out) v}. */
    public static long denseLora(long r, long in, long out, int v) {
        return exact(r, Math.addExact(in, out), v);
    }

    /** {@code trained} of {@code rank} components, with the bitmap that says which. */
    public static long frozenLora(long trained, long rank, long in, long out, int v) {
        return denseLora(trained, in, out, v) + ElementMask.byteSize(rank);
    }

    /** A query, key or value module: A [r, in] in full, of B the rows of kept heads. */
    public static long headPrunedInput(long r, long in, long keptHeads, long headWidth, int v) {
        return Math.addExact(exact(r, in, v), exact(r, keptHeads * headWidth, v));
    }

    /** An output module: of A the columns of kept heads, B [out, r] in full. */
    public static long headPrunedOutput(long r, long out, long keptHeads, long headWidth, int v) {
        return headPrunedInput(r, out, keptHeads, headWidth, v);
    }

    /** Once per attention block: which heads, and how confident each kept one is. */
    public static long headMasks(long heads, long keptHeads) {
        return ElementMask.byteSize(heads) + CONFIDENCE_BYTES * keptHeads;
    }

    /**
     * A query, key or value module of which some components and some heads are trained; heads per
     * block as above.
     */
    public static long composedInput(
            long trained, long rank, long in, long keptHeads, long headWidth, int v) {
        return headPrunedInput(trained, in, keptHeads, headWidth, v) + ElementMask.byteSize(rank);
    }

    /** How a matrix with zeros can be sent, the plainest first. */
    public enum SparseFormat {
        DENSE,
        BITMASK,
        COORDINATES;

        /**
         * Bytes of a matrix of {@code elements} of which {@code kept} live, without the format
         * byte.
         */
        public long bytes(long elements, long kept, int v) {
            return switch (this) {
                case DENSE -> exact(elements, v, 1);
                case BITMASK -> ElementMask.byteSize(elements) + exact(kept, v, 1);
                case COORDINATES -> exact(kept, v + COORDINATE_BYTES, 1);
            };
        }

        /** The smallest; among equals the plainest. */
        public static SparseFormat smallest(long elements, long kept, int v) {
            return Arrays.stream(values())
                    .reduce((best, next) ->
                            next.bytes(elements, kept, v) < best.bytes(elements, kept, v)
                                    ? next
                                    : best)
                    .orElseThrow();
        }
    }

    /** A matrix with zeros in its smallest format, with the byte that names the format. */
    public static long sparseMatrix(long elements, long kept, int v) {
        return SparseFormat.smallest(elements, kept, v).bytes(elements, kept, v) + FORMAT_BYTE;
    }

    /** Which elements live, when the receiver has their values. */
    public static long maskOnly(long elements) {
        return ElementMask.byteSize(elements);
    }

    /**
     * What a client fetches per module after stacking: the stacked factors, or the merged product
     * if that is smaller.
     */
    public static long stackedDownload(long sumOfRanks, long in, long out, int v) {
        return Math.min(denseLora(sumOfRanks, in, out, v), exact(in, out, v));
    }

    /**
     * One row of A and one column of B at {@code bits} per value, with a scale for each below 16
     * bits.
     */
    public static long quantisedComponent(long in, long out, int bits) {
        Precision precision = Precision.of(bits);
        return Math.addExact(precision.bytes(in), precision.bytes(out));
    }

    /** How many times fewer bytes. */
    public static double advantage(long denseBytes, long bytes) {
        return (double) denseBytes / bytes;
    }

    private static long exact(long a, long b, long c) {
        return Math.multiplyExact(Math.multiplyExact(a, b), c);
    }
}
