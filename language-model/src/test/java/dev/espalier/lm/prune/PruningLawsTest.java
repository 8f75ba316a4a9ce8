package dev.espalier.lm.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every matrix, whatever is in it. */
class PruningLawsTest {

    private static final int ROWS = 7;
    private static final int COLUMNS = 40;
    private static final Pruner.SparseGpt BLOCKS_OF_16 = new Pruner.SparseGpt(0.01, 16);

    static Stream<Arguments> sharesAndSeeds() {
        return Stream.of("0", "0.1", "0.29", "0.55", "0.7", "0.9", "1")
                .flatMap(share ->
                        IntStream.range(0, 20).mapToObj(seed -> Arguments.of(share, seed)));
    }

    static Stream<Arguments> groupsAndSeeds() {
        return Stream.of(
                        Sparsity.inGroups(1, 4),
                        Sparsity.inGroups(2, 4),
                        Sparsity.inGroups(5, 8),
                        Sparsity.inGroups(9, 20))
                .flatMap(groups ->
                        IntStream.range(0, 10).mapToObj(seed -> Arguments.of(groups, seed)));
    }

    @ParameterizedTest
    @MethodSource("sharesAndSeeds")
    void exactlyTheFloorOfAWholeMatrixIsDropped(String share, int seed) {
        int wanted = floor(share, ROWS * COLUMNS);
        Sparsity sparsity = Sparsity.unstructured(share);
        WeightMatrix w = matrix(seed);

        assertThat(new MagnitudePruning(sparsity, CutRule.EXACT).prune(w).dropped().cardinality())
                .isEqualTo(wanted);
        assertThat(sparseGpt(seed, sparsity, CutRule.EXACT).prune(w).dropped().cardinality())
                .isEqualTo(wanted);
    }

    @ParameterizedTest
    @MethodSource("sharesAndSeeds")
    void wandaDropsTheFloorOfEveryRow(String share, int seed) {
        BitSet dropped =
                new WandaPruning(norms(seed), Sparsity.unstructured(share))
                        .prune(matrix(seed))
                        .dropped();

        for (int row = 0; row < ROWS; row++) {
            assertThat(dropped.get(row * COLUMNS, (row + 1) * COLUMNS).cardinality())
                    .isEqualTo(floor(share, COLUMNS));
        }
    }

    @ParameterizedTest
    @MethodSource("sharesAndSeeds")
    void theReferenceDropsOneMoreAndTheSameOthers(String share, int seed) {
        WeightMatrix w = matrix(seed);
        Function<CutRule, BitSet> dropped =
                rule -> new MagnitudePruning(Sparsity.unstructured(share), rule).prune(w).dropped();
        BitSet reference = dropped.apply(CutRule.REFERENCE);
        BitSet exact = dropped.apply(CutRule.EXACT);

        assertThat(reference.cardinality())
                .isEqualTo(Math.min(exact.cardinality() + 1, ROWS * COLUMNS));
        exact.andNot(reference);
        assertThat(exact.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("groupsAndSeeds")
    void everyGroupLosesEquallyMany(Sparsity.InGroups groups, int seed) {
        WeightMatrix w = matrix(seed);
        for (MatrixPruning pruning :
                new MatrixPruning[] {
                    new MagnitudePruning(groups, CutRule.REFERENCE),
                    new WandaPruning(norms(seed), groups),
                    sparseGpt(seed, groups, CutRule.REFERENCE)
                }) {
            BitSet dropped = pruning.prune(w).dropped();
            for (int from = 0; from < ROWS * COLUMNS; from += groups.size()) {
                assertThat(dropped.get(from, from + groups.size()).cardinality())
                        .isEqualTo(groups.dropped());
            }
        }
    }

    @Test
    void ofEqualWeightsTheFirstAreDropped() {
        float[] ones = new float[12];
        Arrays.fill(ones, -1);
        WeightMatrix w = new WeightMatrix(3, 4, ones);
        double[] norms = {2, 2, 2, 2};
        Sparsity half = Sparsity.unstructured("0.5");

        assertThat(new MagnitudePruning(half, CutRule.EXACT).prune(w).dropped().stream().toArray())
                .containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(new WandaPruning(norms, half).prune(w).dropped().stream().toArray())
                .containsExactly(0, 1, 4, 5, 8, 9);
        assertThat(
                        new WandaPruning(norms, Sparsity.inGroups(1, 2))
                                .prune(w).dropped().stream().toArray())
                .containsExactly(0, 2, 4, 6, 8, 10);
        assertThat(new MagnitudePruning(half, CutRule.REFERENCE).prune(w).dropped().cardinality())
                .isEqualTo(12);
    }

    /** In binary 0.55 * 100 is more than 55, and 0.29 * 100 less than 29. */
    @ParameterizedTest
    @ValueSource(ints = {29, 55, 57, 58})
    void countsAreMadeInDecimal(int percent) {
        Sparsity.Unstructured share = new Sparsity.Unstructured(BigDecimal.valueOf(percent, 2));

        assertThat(share.dropped(100)).isEqualTo(percent);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1.0001"})
    void aShareOutsideZeroToOneIsRefused(String share) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sparsity.unstructured(share))
                .withMessageContaining(share);
    }

    @Test
    void groupsThatLoseNothingOrEverythingAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Sparsity.inGroups(0, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> Sparsity.inGroups(4, 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void sparseGptLosesLessOfTheOutputThanZerosAtTheSamePlaces(int seed) {
        WeightMatrix w = matrix(seed);
        MatrixPruning.Result result =
                sparseGpt(seed, Sparsity.unstructured("0.6"), CutRule.EXACT).prune(w);
        float[] zeroed = w.values().clone();
        result.dropped().stream().forEach(i -> zeroed[i] = 0);

        assertThat(outputError(seed, w, result.changed().values()))
                .isLessThan(0.9 * outputError(seed, w, zeroed));
    }

    @Test
    void whereNothingIsDroppedSparseGptChangesNothing() {
        WeightMatrix w = matrix(3);

        MatrixPruning.Result result =
                sparseGpt(3, Sparsity.unstructured("0"), CutRule.EXACT).prune(w);

        assertThat(result.changed().values()).isEqualTo(w.values());
    }

    @Test
    void weightsOfDeadInputsAreDroppedEvenIfThatIsMoreThanAsked() {
        double[][] h = hessian(1);
        for (int j = 8; j < 24; j++) {
            Arrays.fill(h[j], 0);
            for (double[] row : h) {
                row[j] = 0;
            }
        }
        DampedHessian.Factor factor = DampedHessian.of(h, 0.01).factored();
        for (Sparsity sparsity :
                new Sparsity[] {Sparsity.unstructured("0.1"), Sparsity.inGroups(1, 4)}) {
            MatrixPruning.Result result =
                    new SparseGptPruning(factor, BLOCKS_OF_16, sparsity, CutRule.EXACT)
                            .prune(matrix(1));
            for (int row = 0; row < ROWS; row++) {
                for (int j = 8; j < 24; j++) {
                    assertThat(result.dropped().get(row * COLUMNS + j)).isTrue();
                    assertThat(result.changed().values()[row * COLUMNS + j]).isZero();
                }
            }
            assertThat(result.dropped().cardinality()).isLessThan(ROWS * COLUMNS);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 31, 32, 33, 64, 97})
    void theFactorIsThatOfTheInverse(int size) {
        double[][] h = hessian(size, 5);
        for (int i = 0; i < size; i++) {
            h[i][i] += 0.01;
        }
        double[][] u = Arrays.stream(h).map(double[]::clone).toArray(double[][]::new);

        InverseFactor.replace(u);

        double[][] expected = SlowPruning.upperFactor(SlowPruning.inverse(h));
        for (int i = 0; i < size; i++) {
            double[] row = expected[i];
            assertThat(u[i]).containsExactly(row, within(1e-8 * Math.abs(row[i])));
        }
    }

    @Test
    void whatIsNotPositiveDefiniteIsRefused() {
        for (double corner : new double[] {-1, 0, Double.NaN, Double.POSITIVE_INFINITY}) {
            double[][] h = {{2, 1, 0}, {1, 2, 1}, {0, 1, corner}};

            assertThatThrownBy(() -> InverseFactor.replace(h))
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessageContaining("row 2");
        }
    }

    private static int floor(String share, int of) {
        return new BigDecimal(share).multiply(BigDecimal.valueOf(of)).intValue();
    }

    private static WeightMatrix matrix(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[ROWS * COLUMNS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new WeightMatrix(ROWS, COLUMNS, values);
    }

    private static double[] norms(int seed) {
        return new SplittableRandom(seed + 100).doubles(COLUMNS).toArray();
    }

    private static MatrixPruning sparseGpt(int seed, Sparsity sparsity, CutRule rule) {
        DampedHessian.Factor factor = DampedHessian.of(hessian(seed), 0.01).factored();
        return new SparseGptPruning(factor, BLOCKS_OF_16, sparsity, rule);
    }

    private static double[][] hessian(int seed) {
        return hessian(COLUMNS, seed);
    }

    /** Of correlated inputs. */
    private static double[][] hessian(int size, int seed) {
        double[][] h = new double[size][size];
        for (double[] token : tokens(size, seed)) {
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    h[i][j] += token[i] * token[j];
                }
            }
        }
        return h;
    }

    private static double[][] tokens(int size, int seed) {
        SplittableRandom random = new SplittableRandom(seed + 1000);
        double[][] tokens = new double[3 * size][size];
        for (double[] token : tokens) {
            double common = random.nextGaussian();
            for (int j = 0; j < size; j++) {
                token[j] = common + 0.5 * random.nextGaussian();
            }
        }
        return tokens;
    }

    private static double outputError(int seed, WeightMatrix w, float[] after) {
        double error = 0;
        for (double[] token : tokens(COLUMNS, seed)) {
            for (int row = 0; row < ROWS; row++) {
                double difference = 0;
                for (int j = 0; j < COLUMNS; j++) {
                    int place = row * COLUMNS + j;
                    difference += token[j] * (after[place] - w.values()[place]);
                }
                error += difference * difference;
            }
        }
        return error;
    }
}
