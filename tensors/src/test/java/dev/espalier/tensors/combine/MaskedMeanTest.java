package dev.espalier.tensors.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.FloatSink;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.ReferenceMaskedMean.Responder;
import dev.espalier.tensors.masked.AnyTensors;
import dev.espalier.tensors.masked.AnyTensors.Pictured;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskedMeanTest {

    private static final ExecutorService POOL = Executors.newFixedThreadPool(7);

    private final MaskedMean mean = new MaskedMean(POOL, 7);

    @AfterAll
    static void endThreads() {
        POOL.shutdownNow();
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    /** A round as the kernel gets it, and as plain arrays for the reference. */
    private record Round(
            Shape shape,
            float[] previous,
            List<Contribution> contributions,
            List<Responder> responders) {

        static Round any(long seed) {
            Random any = new Random(seed);
            Shape shape =
                    AnyTensors.matrix(any, any.nextInt(5) == 0 ? 200 : 30); // some of many blocks
            Round round =
                    new Round(shape, floats(any, shape), new ArrayList<>(), new ArrayList<>());
            for (int agent = any.nextInt(7); agent > 0; agent--) {
                round.add(any, "agent-" + agent);
            }
            return round;
        }

        private void add(Random any, String agent) {
            Pictured one = AnyTensors.any(any, "w", shape);
            int rows = (int) shape.dimension(0);
            int columns = (int) shape.dimension(1);
            int along = any.nextInt(3);
            double[] weight = weights(any, along == 0 ? 1 : along == 1 ? rows : columns);
            double[] spread = new double[rows * columns];
            for (int j = 0; j < spread.length; j++) {
                spread[j] = weight[along == 0 ? 0 : along == 1 ? j / columns : j % columns];
            }
            Weight packed =
                    along == 0
                            ? Weight.of(weight[0])
                            : along == 1 ? Weight.perRow(weight) : Weight.perColumn(weight);
            contributions.add(new Contribution(agent, one.tensor(), packed));
            responders.add(new Responder(agent, widened(one.values()), one.mask(), spread));
        }

        float[] fast(MaskedMean mean, Fallback fallback) throws IOException {
            float[] result = new float[previous.length];
            Arrays.fill(result, Float.NaN);
            mean.combine(
                    shape,
                    FloatReader.of(previous),
                    contributions,
                    fallback,
                    FloatSink.into(result));
            return result;
        }

        float[] slow(Fallback fallback) {
            return narrowed(ReferenceMaskedMean.combine(widened(previous), responders, fallback));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theFastMeanIsTheSlowOneBitForBit(long seed) throws IOException {
        Round round = Round.any(seed);
        for (Fallback fallback : Fallback.values()) {
            assertThat(bits(round.fast(mean, fallback))).isEqualTo(bits(round.slow(fallback)));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theOrderOfArrivalDoesNotMatter(long seed) throws IOException {
        Round round = Round.any(seed);
        float[] first = round.fast(mean, Fallback.ZERO);
        Collections.shuffle(round.contributions(), new Random(~seed));

        assertThat(bits(round.fast(mean, Fallback.ZERO))).isEqualTo(bits(first));
    }

    @ParameterizedTest(name = "{0} threads")
    @ValueSource(ints = {1, 2, 7})
    void theNumberOfThreadsDoesNotMatter(int threads) throws IOException {
        Random any = new Random(5);
        Shape shape = Shape.of(301, 97);
        Round round = new Round(shape, floats(any, shape), new ArrayList<>(), new ArrayList<>());
        for (int agent = 0; agent < 9; agent++) {
            round.add(any, "agent-" + agent);
        }

        assertThat(bits(round.fast(new MaskedMean(POOL, threads), Fallback.PREVIOUS)))
                .isEqualTo(bits(round.slow(Fallback.PREVIOUS)));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneContributorGetsBackWhatItSent(long seed) throws IOException {
        Random any = new Random(seed);
        Shape shape = AnyTensors.matrix(any, 70);
        Pictured one = AnyTensors.any(any, "w", shape);
        float[] previous = floats(any, shape);
        Weight weight = Weight.of(any.nextInt(3) == 0 ? 0 : any.nextDouble() * 1000 + 1e-3);
        float[] result =
                combined(shape, previous, List.of(new Contribution("ada", one.tensor(), weight)));

        for (int j = 0; j < previous.length; j++) {
            float expected = one.mask()[j] ? one.values()[j] : previous[j];
            assertThat(Float.floatToRawIntBits(result[j]))
                    .isEqualTo(Float.floatToRawIntBits(expected));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void equalWeightsMakeThePlainMean(long seed) throws IOException {
        Random any = new Random(seed);
        Shape shape = AnyTensors.matrix(any, 40);
        List<Pictured> all = new ArrayList<>();
        List<Contribution> weightless = new ArrayList<>();
        List<Contribution> equal = new ArrayList<>();
        for (int agent = 0; agent < 1 + any.nextInt(5); agent++) {
            all.add(AnyTensors.dense(any, "w", shape));
            weightless.add(
                    new Contribution("agent-" + agent, all.getLast().tensor(), Weight.of(0)));
            equal.add(new Contribution("agent-" + agent, all.getLast().tensor(), Weight.of(1)));
        }
        float[] result = combined(shape, floats(any, shape), equal);
        for (int j = 0; j < result.length; j++) {
            double sum = -0.0;
            for (Pictured one : all) {
                sum += one.values()[j];
            }
            assertThat(result[j]).isEqualTo((float) (sum / all.size()));
        }
        assertThat(bits(combined(shape, floats(any, shape), weightless))).isEqualTo(bits(result));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatNobodyContributedKeepsItsBitsOrBecomesZero(long seed) throws IOException {
        Round round = Round.any(seed);
        float[] kept = round.fast(mean, Fallback.PREVIOUS);
        float[] zeroed = round.fast(mean, Fallback.ZERO);
        for (int j = 0; j < kept.length; j++) {
            int element = j;
            if (round.contributions().stream()
                    .noneMatch(one -> one.tensor().contributes(element))) {
                int previous = Float.floatToRawIntBits(round.previous()[j]);
                assertThat(Float.floatToRawIntBits(kept[j])).isEqualTo(previous);
                assertThat(Float.floatToRawIntBits(zeroed[j]))
                        .isEqualTo(round.contributions().isEmpty() ? previous : 0);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void contributorsAreCountedPerElement(long seed) throws IOException {
        Round round = Round.any(seed);
        int[] counts = new int[round.previous().length];
        float[] result = new float[counts.length];
        mean.combine(
                round.shape(),
                FloatReader.of(round.previous()),
                round.contributions(),
                Fallback.ZERO,
                FloatSink.into(result),
                (to, from, offset, n) -> System.arraycopy(from, offset, counts, (int) to, n));

        for (int j = 0; j < counts.length; j++) {
            int element = j;
            assertThat(counts[j])
                    .isEqualTo(
                            (int)
                                    round.contributions().stream()
                                            .filter(one -> one.tensor().contributes(element))
                                            .count());
        }
        assertThat(bits(result)).isEqualTo(bits(round.slow(Fallback.ZERO)));
    }

    @ParameterizedTest(name = "{0} elements")
    @ValueSource(
            ints = {
                0,
                1,
                MaskedMean.BLOCK - 1,
                MaskedMean.BLOCK,
                MaskedMean.BLOCK + 1,
                3 * MaskedMean.BLOCK + 7
            })
    void blocksMeetWithoutAGap(int elements) throws IOException {
        Random any = new Random(elements);
        Shape shape = Shape.of(1, elements);
        Round round = new Round(shape, floats(any, shape), new ArrayList<>(), new ArrayList<>());
        for (int agent = 0; agent < 4; agent++) {
            round.add(any, "agent-" + agent);
        }

        assertThat(bits(round.fast(mean, Fallback.PREVIOUS)))
                .isEqualTo(bits(round.slow(Fallback.PREVIOUS)));
    }

    @Test
    void nobodyRespondedMeansNothingChanges() throws IOException {
        MaskedMean alone = MaskedMean.sequential();
        float[] result = new float[3];
        alone.combine(
                Shape.of(3),
                FloatReader.of(1, -0f, 3),
                List.of(),
                Fallback.ZERO,
                FloatSink.into(result));

        assertThat(result).containsExactly(1, -0f, 3);
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {-1, -Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY, 1e101, 1e-101})
    void weightsThatAreNoWeightsAreRefused(double weight) {
        assertThatThrownBy(() -> Weight.of(weight)).hasMessageContaining(String.valueOf(weight));
        assertThatThrownBy(() -> Weight.perRow(1, weight))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void contributionsThatDoNotFitAreRefused() {
        MaskedTensor tensor = MaskedTensor.dense("w", Shape.of(2), new float[2]);
        Contribution ada = new Contribution("ada", tensor, Weight.of(1));

        assertThatThrownBy(() -> combined(Shape.of(2), new float[2], List.of(ada, ada)))
                .hasMessageContaining("ada contributes twice");
        assertThatThrownBy(() -> combined(Shape.of(3), new float[3], List.of(ada)))
                .hasMessageContaining("[2]")
                .hasMessageContaining("[3]");
        assertThatThrownBy(() -> new Contribution("ada", tensor, Weight.perRow(1, 2, 3)))
                .hasMessageContaining("3 weights");
        assertThatThrownBy(() -> new Contribution("ada", tensor, Weight.perColumn(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFailingSinkFailsTheWholeAndIsThrown() {
        Shape shape = Shape.of(50L * MaskedMean.BLOCK);
        FloatSink full =
                (to, values, offset, n) -> {
                    throw new IOException("disk full");
                };

        assertThatThrownBy(() ->
                        mean.combine(shape, FloatReader.zeros(), List.of(), Fallback.ZERO, full))
                .isInstanceOf(IOException.class)
                .hasMessage("disk full");
    }

    @Test
    void anExecutorThatRefusesWorkLeavesItToTheCaller() throws IOException {
        MaskedMean refused =
                new MaskedMean(
                        task -> {
                            throw new RejectedExecutionException("full");
                        },
                        4);
        float[] result = new float[3 * MaskedMean.BLOCK];
        float[] previous = filled(result.length, 5);
        refused.combine(
                Shape.of(result.length),
                FloatReader.of(previous),
                List.of(),
                Fallback.ZERO,
                FloatSink.into(result));

        assertThat(result).containsOnly(5);
    }

    @ParameterizedTest(name = "{0} threads")
    @ValueSource(ints = {1, 2, 7})
    void aRoundIsCombinedFromMappedFilesIntoAFile(int threads, @TempDir Path folder)
            throws IOException {
        Random any = new Random(8);
        Shape shape = Shape.of(64, 300);
        Pictured rows = AnyTensors.rows(any, "w", shape, AnyTensors.bits(any, 64));
        Pictured all = AnyTensors.dense(any, "w", shape);
        UpdateFile.write(folder.resolve("ada"), Map.of(), List.of(rows.tensor()), DType.F32);
        UpdateFile.write(folder.resolve("bob"), Map.of(), List.of(all.tensor()), DType.F32);
        Path combined = folder.resolve("combined");

        try (UpdateFile ada = UpdateFile.open(folder.resolve("ada"));
                UpdateFile bob = UpdateFile.open(folder.resolve("bob"))) {
            List<Contribution> contributions =
                    List.of(
                            new Contribution("bob", bob.tensor("w", shape), Weight.of(3)),
                            new Contribution("ada", ada.tensor("w", shape), Weight.of(5)));
            MaskedMean kernel = new MaskedMean(POOL, threads);
            new SafetensorsWriter()
                    .tensor(
                            "w",
                            DType.F32,
                            shape,
                            sink ->
                                    kernel.combine(
                                            shape,
                                            FloatReader.zeros(),
                                            contributions,
                                            Fallback.ZERO,
                                            sink::floats))
                    .write(combined);
        }
        try (SafetensorsFile read = SafetensorsFile.open(combined)) {
            Round round =
                    new Round(
                            shape,
                            new float[64 * 300],
                            List.of(),
                            List.of(
                                    new Responder(
                                            "ada",
                                            widened(rows.values()),
                                            rows.mask(),
                                            doubles(64 * 300, 5)),
                                    new Responder(
                                            "bob",
                                            widened(all.values()),
                                            all.mask(),
                                            doubles(64 * 300, 3))));
            assertThat(bits(read.floats("w"))).isEqualTo(bits(round.slow(Fallback.ZERO)));
        }
    }

    @Test
    void anExecutorThatNeverRunsAnythingDoesNotBlock() throws IOException {
        MaskedMean starved = new MaskedMean(task -> {}, 4);
        float[] result = new float[3 * MaskedMean.BLOCK];
        starved.combine(
                Shape.of(result.length),
                FloatReader.of(filled(result.length, 5)),
                List.of(),
                Fallback.PREVIOUS,
                FloatSink.into(result));

        assertThat(result).containsOnly(5);
    }

    private float[] combined(Shape shape, float[] previous, List<Contribution> contributions)
            throws IOException {
        float[] result = new float[(int) shape.elements()];
        mean.combine(
                shape,
                FloatReader.of(previous),
                contributions,
                Fallback.PREVIOUS,
                FloatSink.into(result));
        return result;
    }

    private static float[] filled(int n, float value) {
        float[] filled = new float[n];
        Arrays.fill(filled, value);
        return filled;
    }

    private static double[] doubles(int n, double value) {
        double[] filled = new double[n];
        Arrays.fill(filled, value);
        return filled;
    }

    private static float[] floats(Random any, Shape shape) {
        float[] values = new float[(int) shape.elements()];
        for (int j = 0; j < values.length; j++) {
            values[j] = any.nextInt(9) == 0 ? -0f : any.nextFloat();
        }
        return values;
    }

    /** Some are zero, so that weight sums are. */
    private static double[] weights(Random any, int n) {
        int zeros = any.nextInt(3);
        double[] weights = new double[n];
        for (int i = 0; i < n; i++) {
            weights[i] = any.nextInt(4) < zeros ? 0 : 1 + any.nextInt(500) * any.nextDouble();
        }
        return weights;
    }

    private static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static float[] narrowed(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
