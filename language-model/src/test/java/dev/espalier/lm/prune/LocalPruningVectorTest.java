package dev.espalier.lm.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.compute.Compute;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The published cases {@code local_pruning}. */
class LocalPruningVectorTest {

    private static final Pruner.SparseGpt SPARSE_GPT = Pruner.SparseGpt.defaults();

    @Test
    void magnitudeDropsTheSmallest() {
        JsonNode test = vector("magnitude_exact");

        MatrixPruning.Result result =
                new MagnitudePruning(sparsity(test), CutRule.EXACT).prune(matrix(test));

        expectMask(result.dropped(), test.path("expected").path("mask"));
    }

    @Test
    void wandaComparesWithinEachRow() {
        JsonNode test = vector("wanda_per_row");
        JsonNode expected = test.path("expected");
        double[] norms;
        try (var manager = Compute.newManager();
                var statistics = new ColumnNorms(manager, 4, sparsity(test))) {
            statistics.add(TestInputs.array(manager, doubles(test.path("input").path("X"))));
            norms = statistics.norms();
        }
        assertThat(norms)
                .containsExactly(row(expected.path("columnNorms")), within(tolerance(test)));

        WeightMatrix w = matrix(test);
        MatrixPruning.Result result = new WandaPruning(norms, sparsity(test)).prune(w);

        expectMask(result.dropped(), expected.path("mask"));
        assertThat(result.changed()).isNull();
    }

    @ParameterizedTest
    @EnumSource(CutRule.class)
    void sparseGptLetsTheOthersMakeUpForWhatIsDropped(CutRule rule) {
        JsonNode test = vector("sparsegpt_2x2");
        JsonNode expected = test.path("expected");
        boolean exact = rule == CutRule.EXACT;
        double[][] u = doubles(test.path("input").path("H"));

        InverseFactor.replace(u);

        expectValues(u, expected.path("U"), tolerance(test));
        var inputs = new DampedHessian.Factor(u, new BitSet());
        MatrixPruning.Result result =
                new SparseGptPruning(inputs, SPARSE_GPT, sparsity(test), rule).prune(matrix(test));
        expectMask(result.dropped(), expected.path(exact ? "exactMask" : "referenceMask"));
        double[] values = flat(doubles(expected.path(exact ? "W_exact" : "W_reference")));
        for (int i = 0; i < values.length; i++) {
            assertThat((double) result.changed().values()[i])
                    .isCloseTo(values[i], within(tolerance(test)));
        }
    }

    @Test
    void theHessianIsThatOfAllTokensDampedAndWithoutDeadInputs() {
        JsonNode test = vector("sparsegpt_hessian");
        JsonNode input = test.path("input");
        JsonNode expected = test.path("expected");
        Sparsity half = Sparsity.unstructured("0.5");
        double[][] h;
        try (var manager = Compute.newManager();
                var hessian = new Hessian(manager, 3, SPARSE_GPT, half, CutRule.EXACT)) {
            assertThat(input.path("nSequences").intValue()).isEqualTo(2);
            for (double[] token : doubles(input.path("X"))) { // a sequence each
                hessian.add(TestInputs.array(manager, new double[][] {token}));
            }
            h = hessian.values();
        }
        expectValues(h, expected.path("H"), tolerance(test));

        DampedHessian damped = DampedHessian.of(h, input.path("percdamp").doubleValue());

        expectValues(damped.values(), expected.path("H_damped"), tolerance(test));
        assertThat(damped.dead().stream().toArray())
                .isEqualTo(
                        expected.path("deadColumns")
                                .valueStream()
                                .mapToInt(JsonNode::intValue)
                                .toArray());
    }

    private static JsonNode vector(String name) {
        JsonNode file =
                JsonMapper.shared()
                        .readTree(
                                LocalPruningVectorTest.class.getResourceAsStream(
                                        "/vectors/local_pruning.json"));
        return file.path("cases")
                .valueStream()
                .filter(test -> test.path("name").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Sparsity sparsity(JsonNode test) {
        BigDecimal share = test.path("input").path("sparsity").decimalValue();
        return Sparsity.unstructured(share);
    }

    private static double tolerance(JsonNode test) {
        return test.path("tolerance").doubleValue();
    }

    private static WeightMatrix matrix(JsonNode test) {
        double[][] w = doubles(test.path("input").path("W"));
        double[] values = flat(w);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return new WeightMatrix(w.length, w[0].length, floats);
    }

    private static void expectMask(BitSet dropped, JsonNode mask) {
        double[] kept = flat(doubles(mask));
        for (int i = 0; i < kept.length; i++) {
            assertThat(dropped.get(i)).as("place %d", i).isEqualTo(kept[i] == 0);
        }
        assertThat(dropped.length()).isLessThanOrEqualTo(kept.length);
    }

    private static void expectValues(double[][] actual, JsonNode expected, double tolerance) {
        assertThat(actual).hasNumberOfRows(expected.size());
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).containsExactly(row(expected.get(i)), within(tolerance));
        }
    }

    private static double[] row(JsonNode row) {
        return row.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
    }

    private static double[][] doubles(JsonNode rows) {
        return rows.valueStream().map(LocalPruningVectorTest::row).toArray(double[][]::new);
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }
}
