package dev.espalier.aggregation.combine;

import java.util.List;

/**
 * A weighted sum of products as one product of stacked factors (FLoRA; algorithms.md D.2, read:
 * S15):
 *
 * <pre>
 *   sum_k p_k B_k A_k  =  B A
 *
 *   A [rank, in]    rows of all A_k, one below the other, each scaled by its p
 *   B [out, rank]   columns of all B_k side by side, unscaled
 * </pre>
 *
 * The product itself is never formed. Immutable.
 */
public final class StackedFactors {

    private final int out;
    private final int in;
    private final int rank;
    private final double[] a;
    private final double[] b;

    private StackedFactors(int out, int in, double[] a, double[] b) {
        this.out = out;
        this.in = in;
        this.rank = a.length / in;
        this.a = a;
        this.b = b;
    }

    /**
     * Some rank-1 components with a weight each.
     *
     * @param weights [c]
     * @param a [c, in]
     * @param b [out, c]
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on within this room, never compared
    record Piece(double[] weights, float[] a, float[] b) {}

    /**
     * One product alone.
     *
     * @param a [rank, in]
     * @param b [out, rank]
     */
    public static StackedFactors of(int out, int in, float[] a, float[] b) {
        double[] weights = new double[a.length / in];
        java.util.Arrays.fill(weights, 1);
        return stacked(out, in, List.of(new Piece(weights, a, b)));
    }

    /** The pieces one after the other. */
    static StackedFactors stacked(int out, int in, List<Piece> pieces) {
        int rank = pieces.stream().mapToInt(piece -> piece.weights().length).sum();
        double[] a = new double[Math.multiplyExact(rank, in)];
        double[] b = new double[Math.multiplyExact(out, rank)];
        int from = 0;
        for (Piece piece : pieces) {
            int width = piece.weights().length;
            require(piece.a().length == width * in && piece.b().length == out * width, piece);
            for (int c = 0; c < width; c++) {
                for (int i = 0; i < in; i++) {
                    a[(from + c) * in + i] = piece.weights()[c] * piece.a()[c * in + i];
                }
                for (int o = 0; o < out; o++) {
                    b[o * rank + from + c] = piece.b()[o * width + c];
                }
            }
            from += width;
        }
        return new StackedFactors(out, in, a, b);
    }

    private static void require(boolean fits, Piece piece) {
        if (!fits) {
            throw new IllegalArgumentException(
                    "%d components cannot have %d values of A and %d of B"
                            .formatted(piece.weights().length, piece.a().length, piece.b().length));
        }
    }

    public int out() {
        return out;
    }

    public int in() {
        return in;
    }

    /** Of all that is stacked; the rank of the product may be less. */
    public int rank() {
        return rank;
    }

    /** Scaled [rank, in]. */
    public double a(int component, int input) {
        return a[component * in + input];
    }

    /** Unscaled [out, rank]. */
    public double b(int output, int component) {
        return b[output * rank + component];
    }
}
