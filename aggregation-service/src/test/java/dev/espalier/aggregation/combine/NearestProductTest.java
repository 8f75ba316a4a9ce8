package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.combine.StackedFactors.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the singular values of the dense product, which only a test may form. */
class NearestProductTest {

    static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noProductOfThatRankIsNearer(long seed) {
        Random any = new Random(seed);
        StackedFactors sum =
                drawn(any, 1 + any.nextInt(20), 1 + any.nextInt(20), 1 + any.nextInt(5));
        int rank = 1 + any.nextInt(6);

        NearestProduct nearest = new NearestProduct(sum, rank);

        DMatrixRMaj dense = dense(sum);
        double[] values = singularValues(dense);
        double cut = norm(Arrays.copyOfRange(values, Math.min(rank, values.length), values.length));
        double all = norm(values);
        assertThat(distance(dense, product(nearest, sum, rank)))
                .as("Eckart and Young: what is left is what was cut")
                .isCloseTo(cut, within(1e-6 * all));
        assertThat(nearest.truncationError()).isCloseTo(cut / all, within(1e-9));
        for (int j = 0; j < Math.min(rank, values.length); j++) {
            assertThat(nearest.singularValues()[j]).isCloseTo(values[j], within(1e-10 * all));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void componentsDescendAreBalancedAndPointOneWay(long seed) {
        Random any = new Random(seed);
        StackedFactors sum = drawn(any, 9, 12, 3);

        NearestProduct nearest = new NearestProduct(sum, 4);

        double[] values = nearest.singularValues();
        assertThat(values).isSortedAccordingTo((x, y) -> Double.compare(y, x));
        for (int j = 0; j < nearest.found(); j++) {
            float[] row = Arrays.copyOfRange(nearest.a(), j * 12, (j + 1) * 12);
            double root = Math.sqrt(values[j]);
            assertThat(norm(doubles(row))).isCloseTo(root, within(1e-6 * root));
            assertThat(norm(column(nearest.b(), j, 4))).isCloseTo(root, within(1e-6 * root));
            float largest = 0;
            for (float value : row) {
                largest = Math.abs(value) > Math.abs(largest) ? value : largest;
            }
            assertThat(largest).isPositive();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aProductWhoseRankSufficesIsReproduced(long seed) {
        Random any = new Random(seed);
        StackedFactors sum = StackedFactors.stacked(7, 11, List.of(piece(any, 7, 11, 3, 1)));

        NearestProduct nearest = new NearestProduct(sum, 5);

        assertThat(nearest.found()).isEqualTo(3);
        assertThat(nearest.truncationError()).isZero();
        assertThat(distance(dense(sum), product(nearest, sum, 5)))
                .isLessThan(1e-6 * NormOps_DDRM.normF(dense(sum)));
        assertThat(column(nearest.b(), 3, 5)).containsOnly(0);
        assertThat(Arrays.copyOfRange(nearest.a(), 3 * 11, 5 * 11)).containsOnly(0f);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void componentsThatRepeatEachOtherOrAreZeroTakeNoPlace(long seed) {
        Random any = new Random(seed);
        Piece one = piece(any, 8, 6, 2, 0.25);
        Piece nothing = new Piece(new double[] {0.5, 0.5}, new float[12], new float[16]);
        StackedFactors sum =
                StackedFactors.stacked(8, 6, List.of(nothing, one, one, nothing, one, one));

        NearestProduct nearest = new NearestProduct(sum, 4);

        assertThat(nearest.found()).isEqualTo(2);
        assertThat(distance(product(one, 8, 6), product(nearest, sum, 4)))
                .isLessThan(1e-6 * NormOps_DDRM.normF(product(one, 8, 6)));
    }

    @Test
    void ofNothingComesNothing() {
        StackedFactors sum =
                StackedFactors.of(3, 2, new float[] {1, 2, 3, 4}, new float[6]); // B is zero

        NearestProduct nearest = new NearestProduct(sum, 2);

        assertThat(nearest.found()).isZero();
        assertThat(nearest.truncationError()).isZero();
        assertThat(nearest.singularValues()).containsExactly(0, 0);
        assertThat(nearest.a()).containsOnly(0f);
        assertThat(nearest.b()).containsOnly(0f);
    }

    @ParameterizedTest(name = "times {0}")
    @CsvSource({"1e-30", "1e-12", "1e12", "1e30"})
    void noScaleIsTooSmallOrTooLarge(float scale) {
        Random any = new Random(3);
        Piece plain = piece(any, 6, 5, 4, 1);
        float[] scaled = plain.b().clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= scale;
        }
        StackedFactors small = StackedFactors.stacked(6, 5, List.of(plain));
        StackedFactors large =
                StackedFactors.stacked(
                        6, 5, List.of(new Piece(plain.weights(), plain.a(), scaled)));

        NearestProduct before = new NearestProduct(small, 2);
        NearestProduct after = new NearestProduct(large, 2);

        assertThat(after.truncationError()).isCloseTo(before.truncationError(), within(1e-6));
        assertThat(after.singularValues()[1] / scale)
                .isCloseTo(before.singularValues()[1], within(1e-6));
    }

    @Test
    void theSameFactorsGiveTheSameBits() {
        StackedFactors sum = drawn(new Random(5), 30, 40, 6);
        NearestProduct first = new NearestProduct(sum, 8);

        List<NearestProduct> others =
                LongStream.range(0, 16)
                        .parallel()
                        .mapToObj(i -> new NearestProduct(sum, 8))
                        .toList();

        assertThat(others)
                .allSatisfy(other -> {
                    assertThat(other.a()).containsExactly(first.a());
                    assertThat(other.b()).containsExactly(first.b());
                });
    }

    /** A few clients of any rank, some of whose components no other has. */
    private static StackedFactors drawn(Random any, int out, int in, int clients) {
        List<Piece> pieces = new ArrayList<>();
        for (int k = 0; k < clients; k++) {
            pieces.add(piece(any, out, in, 1 + any.nextInt(6), any.nextDouble()));
        }
        return StackedFactors.stacked(out, in, pieces);
    }

    private static Piece piece(Random any, int out, int in, int rank, double weight) {
        double[] weights = new double[rank];
        Arrays.fill(weights, weight);
        return new Piece(weights, some(any, rank * in), some(any, out * rank));
    }

    private static float[] some(Random any, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) any.nextGaussian();
        }
        return values;
    }

    private static DMatrixRMaj dense(StackedFactors sum) {
        DMatrixRMaj dense = new DMatrixRMaj(sum.out(), sum.in());
        for (int o = 0; o < sum.out(); o++) {
            for (int i = 0; i < sum.in(); i++) {
                for (int c = 0; c < sum.rank(); c++) {
                    dense.add(o, i, sum.b(o, c) * sum.a(c, i));
                }
            }
        }
        return dense;
    }

    private static DMatrixRMaj product(Piece piece, int out, int in) {
        return dense(StackedFactors.of(out, in, piece.a(), piece.b()));
    }

    private static DMatrixRMaj product(NearestProduct nearest, StackedFactors of, int rank) {
        assertThat(nearest.a()).hasSize(rank * of.in());
        return dense(StackedFactors.of(of.out(), of.in(), nearest.a(), nearest.b()));
    }

    private static double[] singularValues(DMatrixRMaj dense) {
        double[] values = SingularOps_DDRM.singularValues(dense);
        return Arrays.stream(values).map(value -> -value).sorted().map(value -> -value).toArray();
    }

    private static double distance(DMatrixRMaj one, DMatrixRMaj other) {
        DMatrixRMaj difference = new DMatrixRMaj(one.numRows, one.numCols);
        CommonOps_DDRM.subtract(one, other, difference);
        return NormOps_DDRM.normF(difference);
    }

    private static double norm(double... values) {
        return Math.sqrt(Arrays.stream(values).map(value -> value * value).sum());
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static double[] column(float[] b, int column, int rank) {
        double[] values = new double[b.length / rank];
        for (int o = 0; o < values.length; o++) {
            values[o] = b[o * rank + column];
        }
        return values;
    }
}
