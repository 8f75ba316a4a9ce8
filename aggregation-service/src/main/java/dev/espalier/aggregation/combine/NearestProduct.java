package dev.espalier.aggregation.combine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.svd.SvdImplicitQrDecompose_DDRM;
import org.ejml.dense.row.mult.MatrixMatrixMult_DDRM;

/**
 * The product of a given rank that is nearest to a product of stacked factors (Frobenius norm;
 * Eckart and Young), and how near that is. Ours: no source of the methods has it.
 *
 * <pre>
 *   B = Qb Rb,  A' = Qa Ra,  Rb Ra' = U S V'        so that  B A = (Qb U) S (Qa V)'
 *
 *   new B[:,j] = sqrt(S_j) Qb U_j      new A[j,:] = sqrt(S_j) (Qa V_j)'
 * </pre>
 *
 * <p>Components come in descending order of singular value. Which of the two signs a component has
 * is settled by the largest value of its row of A, the first of equals, being positive. The dense
 * product is never formed: the largest matrix of its own is [stacked rank, stacked rank]. One
 * thread and exactly specified arithmetic alone: the same factors give the same bits.
 */
public final class NearestProduct {

    private final StackedFactors sum;
    private final int rank;
    private final float[] a;
    private final float[] b;
    private final double[] singularValues;
    private final int found;
    private final double error;

    /**
     * @throws ArithmeticException if the singular values cannot be found
     */
    public NearestProduct(StackedFactors sum, int rank) {
        this.sum = sum;
        this.rank = rank;
        this.a = new float[rank * sum.in()];
        this.b = new float[sum.out() * rank];
        this.singularValues = new double[rank];
        ThinQr ofB = new ThinQr(sum.out(), sum.rank(), sum::b);
        ThinQr ofA =
                new ThinQr(sum.in(), sum.rank(), (input, component) -> sum.a(component, input));
        Core core = Core.of(ofB.r(), ofA.r());
        int whole = core.rank(Math.max(sum.rank(), Math.max(sum.out(), sum.in())));
        this.found = Math.min(rank, whole);
        for (int j = 0; j < found; j++) {
            place(j, core.value(j), ofB.timesQ(core.left(j)), ofA.timesQ(core.right(j)));
        }
        this.error = core.tail(found, whole);
    }

    /** [rank, in]; rows from {@link #found} on are zero. */
    public float[] a() {
        return a.clone();
    }

    /** [out, rank]; columns from {@link #found} on are zero. */
    public float[] b() {
        return b.clone();
    }

    /** Of the sum, the largest ones, descending; zero from {@link #found} on. */
    public double[] singularValues() {
        return singularValues.clone();
    }

    /** How many components it takes: less than the rank that was asked for where that suffices. */
    public int found() {
        return found;
    }

    /**
     * What was cut off, relative to the whole (Frobenius norms), in [0, 1): 0 where nothing was,
     * and for a sum of zero.
     */
    public double truncationError() {
        return error;
    }

    private void place(int j, double singularValue, double[] left, double[] right) {
        singularValues[j] = singularValue;
        double root = Math.sqrt(singularValue) * sign(right);
        for (int o = 0; o < left.length; o++) {
            b[o * rank + j] = (float) (root * left[o]);
        }
        for (int i = 0; i < right.length; i++) {
            a[j * sum.in() + i] = (float) (root * right[i]);
        }
    }

    private static int sign(double[] vector) {
        double largest = 0;
        for (double value : vector) {
            if (Math.abs(value) > Math.abs(largest)) {
                largest = value;
            }
        }
        return largest < 0 ? -1 : 1;
    }

    /** Singular values of {@code Rb Ra'}, descending, and its singular vectors. */
    private record Core(DMatrixRMaj u, DMatrixRMaj v, double[] values, int[] order) {

        /** Scaled to a largest element of 1, so that no square leaves the range of a double. */
        static Core of(DMatrixRMaj rb, DMatrixRMaj ra) {
            DMatrixRMaj product = new DMatrixRMaj(rb.numRows, ra.numRows);
            MatrixMatrixMult_DDRM.multTransB(rb, ra, product);
            double largest = Arrays.stream(product.data).map(Math::abs).max().orElse(0);
            if (largest == 0) {
                return new Core(product, product, new double[0], new int[0]);
            }
            for (int i = 0; i < product.data.length; i++) {
                product.data[i] /= largest;
            }
            // the plain class, never its sibling with threads
            SvdImplicitQrDecompose_DDRM svd =
                    new SvdImplicitQrDecompose_DDRM(true, true, true, false);
            if (!svd.decompose(product)) {
                throw new ArithmeticException("the singular values were not found");
            }
            double[] values =
                    Arrays.stream(svd.getSingularValues(), 0, svd.numberOfSingularValues())
                            .map(value -> value * largest)
                            .toArray();
            return new Core(svd.getU(null, false), svd.getV(null, false), values, order(values));
        }

        private static int[] order(double[] values) {
            return IntStream.range(0, values.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> values[i]).reversed())
                    .mapToInt(Integer::intValue)
                    .toArray();
        }

        double value(int j) {
            return values[order[j]];
        }

        double[] left(int j) {
            return column(u, order[j]);
        }

        double[] right(int j) {
            return column(v, order[j]);
        }

        /** How many singular values are more than the rounding errors of the largest. */
        int rank(int dimension) {
            int rank = 0;
            while (rank < order.length && value(rank) > value(0) * dimension * Math.ulp(1.0)) {
                rank++;
            }
            return rank;
        }

        /**
         * The norm of the values in {@code [from, to)} relative to that of those below {@code to}.
         */
        double tail(int from, int to) {
            double cut = 0;
            double all = 0;
            for (int j = to - 1; j >= 0; j--) {
                double relative = value(j) / value(0);
                all += relative * relative;
                cut = j >= from ? all : cut;
            }
            return all == 0 ? 0 : Math.sqrt(cut / all);
        }

        private static double[] column(DMatrixRMaj matrix, int column) {
            double[] values = new double[matrix.numRows];
            for (int row = 0; row < values.length; row++) {
                values[row] = matrix.get(row, column);
            }
            return values;
        }
    }
}
