package dev.espalier.tensors.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.FloatSink;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.Vectors;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The l0-norm mean and its expansion: published cases, and the laws of algorithms.md C.3. */
class MaskExpansionTest {

    private static final long SEED = 7;

    /**
     * What the mean over those who kept an element gives.
     *
     * @param kept by element: how many did
     */
    private record Mean(float[] values, int[] kept) {

        static Mean of(List<float[]> weights, List<boolean[]> masks) throws IOException {
            int length = weights.getFirst().length;
            Shape shape = Shape.of(length);
            List<Contribution> clients = new ArrayList<>();
            for (int k = 0; k < weights.size(); k++) {
                float[] all = weights.get(k);
                boolean[] mask = masks.get(k);
                float[] packed = new float[length];
                int n = 0;
                for (int j = 0; j < length; j++) {
                    if (mask[j]) {
                        packed[n++] = all[j];
                    }
                }
                clients.add(
                        new Contribution(
                                "client-%03d".formatted(k),
                                MaskedTensor.bitmap(
                                        "w", shape, ElementMask.of(mask), Arrays.copyOf(packed, n)),
                                Weight.of(1)));
            }
            float[] values = new float[length];
            int[] kept = new int[length];
            MaskedMean.sequential()
                    .combine(
                            shape,
                            FloatReader.zeros(),
                            clients,
                            Fallback.ZERO,
                            into(values),
                            (to, from, offset, n) ->
                                    System.arraycopy(from, offset, kept, (int) to, n));
            return new Mean(values, kept);
        }

        private static FloatSink into(float[] values) {
            return (to, from, offset, n) -> System.arraycopy(from, offset, values, (int) to, n);
        }

        CountReader counts() {
            return (from, into, offset, n) -> System.arraycopy(kept, (int) from, into, offset, n);
        }

        boolean[] expanded(TieOrder ties, long zeros) throws IOException {
            return bits(
                    MaskExpansion.adaptive(
                                    values.length, FloatReader.of(values), counts(), ties, SEED)
                            .keepAllBut(zeros));
        }

        boolean[] drawn(long zeros, long seed) throws IOException {
            return bits(MaskExpansion.random(values.length, counts(), seed).keepAllBut(zeros));
        }

        long unanimous() {
            return Arrays.stream(kept).filter(count -> count == 0).count();
        }

        private static boolean[] bits(ElementMask mask) {
            boolean[] bits = new boolean[(int) mask.elements()];
            for (int j = 0; j < bits.length; j++) {
                bits[j] = mask.keeps(j);
            }
            return bits;
        }
    }

    static Stream<Arguments> norms() {
        return Vectors.of("l0_norm.json")
                .filter(one -> !one.get()[0].toString().contains("nobody_responded"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("norms")
    void aWeightIsTheMeanOfThoseWhoKeptIt(JsonNode one) throws IOException {
        JsonNode expected = one.get("expected");
        Mean mean = mean(one.get("input"));

        JsonNode wanted = expected.has("W") ? expected.get("W") : expected.get("W_explicitMask");
        assertClose(mean.values(), wanted, one.get("tolerance").asDouble());
    }

    static Stream<Arguments> expansions() {
        return Vectors.of("l0_mask_expansion.json");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("expansions")
    void theExpandedMaskIsThatOfTheVector(JsonNode one) throws IOException {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        if (in.has("cases")) {
            assertThat(
                            in.get("cases")
                                    .valueStream()
                                    .map(pair ->
                                            MaskExpansion.targetZeros(
                                                    new BigDecimal(pair.get(0).asString()),
                                                    pair.get(1).asLong())))
                    .containsExactlyElementsOf(
                            expected.get("targetZeros")
                                    .valueStream()
                                    .map(JsonNode::asLong)
                                    .toList());
            return;
        }
        Mean mean = mean(in);
        long zeros =
                MaskExpansion.targetZeros(
                        new BigDecimal(in.get("sparsity").asString()), mean.values().length);
        boolean[] kept = mean.expanded(TieOrder.valueOf(in.get("tieBreak").asString()), zeros);

        assertThat(zeros).isEqualTo(expected.get("targetZeros").asLong());
        assertThat(mean.unanimous()).isEqualTo(expected.get("unanimousZeros").asLong());
        assertThat(mask(expected.get("globalMask"))).isEqualTo(kept);
        assertClose(masked(mean.values(), kept), expected.get("W"), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyTieOrderChoosesWhatASortWould(long seed) throws IOException {
        Random random = new Random(seed);
        Mean mean = some(random, 1 + random.nextInt(6000), 1 + random.nextInt(5), 0.5);
        int length = mean.values().length;
        long zeros = random.nextInt(length + 1);

        assertThat(mean.expanded(TieOrder.MAGNITUDE_THEN_INDEX, zeros))
                .isEqualTo(
                        sorted(
                                mean,
                                zeros,
                                Comparator.<Integer>comparingInt(j -> mean.kept()[j])
                                        .thenComparing(j -> Math.abs(mean.values()[j]))));
        assertThat(mean.expanded(TieOrder.INDEX, zeros))
                .isEqualTo(sorted(mean, zeros, Comparator.comparingInt(j -> mean.kept()[j])));
        assertThat(counted(mean.expanded(TieOrder.SEEDED_RANDOM, zeros), mean))
                .isEqualTo(counted(mean.expanded(TieOrder.INDEX, zeros), mean));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theSparsityIsExactOrWhatAllPruned(long seed) throws IOException {
        Random random = new Random(seed);
        Mean mean = some(random, 1 + random.nextInt(5000), 1 + random.nextInt(9), 0.6);
        int length = mean.values().length;
        long zeros = MaskExpansion.targetZeros(BigDecimal.valueOf(random.nextInt(101), 2), length);

        for (TieOrder ties : TieOrder.values()) {
            assertThat(zeros(mean.expanded(ties, zeros)))
                    .isEqualTo(Math.max(zeros, mean.unanimous()));
        }
        assertThat(zeros(mean.drawn(zeros, seed))).isEqualTo(Math.max(zeros, mean.unanimous()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whereAllReachedTheTargetNothingIsZeroedThatNobodyPruned(long seed) throws IOException {
        Random random = new Random(seed);
        int length = 1 + random.nextInt(2000);
        BigDecimal sparsity = BigDecimal.valueOf(random.nextInt(101), 2);
        long zeros = MaskExpansion.targetZeros(sparsity, length);
        int clients = 1 + random.nextInt(6);
        List<float[]> weights = new ArrayList<>();
        List<boolean[]> masks = new ArrayList<>();
        for (int k = 0; k < clients; k++) {
            weights.add(floats(random, length));
            masks.add(pruned(random, length, (int) zeros));
        }
        Mean mean = Mean.of(weights, masks);

        boolean[] kept = mean.expanded(TieOrder.MAGNITUDE_THEN_INDEX, zeros);

        for (int j = 0; j < length; j++) {
            if (mean.kept()[j] == clients) {
                assertThat(kept[j]).as("element %d, which nobody pruned", j).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whereAllAgreeNothingIsAdded(long seed) throws IOException {
        Random random = new Random(seed);
        int length = 1 + random.nextInt(2000);
        long zeros = random.nextInt(length + 1);
        boolean[] mask = pruned(random, length, (int) zeros);
        Mean mean =
                Mean.of(
                        List.of(floats(random, length), floats(random, length)),
                        List.of(mask, mask));

        assertThat(mean.expanded(TieOrder.SEEDED_RANDOM, zeros)).isEqualTo(mask);
        assertThat(mean.drawn(zeros, seed)).isEqualTo(mask);
    }

    @Test
    void aDrawIsThatOfItsSeed() throws IOException {
        Mean mean = some(new Random(1), 1000, 3, 0.5);

        assertThat(mean.drawn(600, 1)).isEqualTo(mean.drawn(600, 1));
        assertThat(mean.drawn(600, 1)).isNotEqualTo(mean.drawn(600, 2));
    }

    @Test
    void moreZerosThanElementsAreRefused() throws IOException {
        Mean mean = some(new Random(1), 10, 2, 0.5);

        assertThatThrownBy(() -> mean.drawn(11, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("11 zeros do not go into 10 elements");
    }

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    private static Mean mean(JsonNode in) throws IOException {
        return Mean.of(
                in.get("weights").valueStream().map(Vectors::floats).toList(),
                in.get("masks").valueStream().map(MaskExpansionTest::mask).toList());
    }

    private static boolean[] mask(JsonNode bits) {
        double[] numbers = Vectors.doubles(bits);
        boolean[] mask = new boolean[numbers.length];
        for (int j = 0; j < mask.length; j++) {
            mask[j] = numbers[j] != 0;
        }
        return mask;
    }

    private static Mean some(Random random, int length, int clients, double density)
            throws IOException {
        List<float[]> weights = new ArrayList<>();
        List<boolean[]> masks = new ArrayList<>();
        for (int k = 0; k < clients; k++) {
            weights.add(floats(random, length));
            boolean[] mask = new boolean[length];
            for (int j = 0; j < length; j++) {
                mask[j] = random.nextDouble() < density;
            }
            masks.add(mask);
        }
        return Mean.of(weights, masks);
    }

    /** Many of them equal, so that magnitudes tie as well. */
    private static float[] floats(Random random, int length) {
        float[] values = new float[length];
        for (int j = 0; j < length; j++) {
            values[j] = (random.nextInt(9) - 4) / 2f;
        }
        return values;
    }

    private static boolean[] pruned(Random random, int length, int zeros) {
        boolean[] mask = new boolean[length];
        Arrays.fill(mask, true);
        List<Integer> all = new ArrayList<>(IntStream.range(0, length).boxed().toList());
        Collections.shuffle(all, random);
        all.subList(0, zeros).forEach(j -> mask[j] = false);
        return mask;
    }

    private static boolean[] sorted(Mean mean, long zeros, Comparator<Integer> order) {
        int length = mean.values().length;
        boolean[] kept = new boolean[length];
        IntStream.range(0, length).forEach(j -> kept[j] = mean.kept()[j] > 0);
        IntStream.range(0, length)
                .boxed()
                .filter(j -> kept[j])
                .sorted(order.thenComparing(Comparator.naturalOrder()))
                .limit(Math.max(0, zeros - mean.unanimous()))
                .toList()
                .forEach(j -> kept[j] = false);
        return kept;
    }

    /** By number of clients: how many elements that so many kept are left. */
    private static List<Long> counted(boolean[] kept, Mean mean) {
        return IntStream.rangeClosed(0, 9)
                .mapToObj(count ->
                        IntStream.range(0, kept.length)
                                .filter(j -> kept[j] && mean.kept()[j] == count)
                                .count())
                .toList();
    }

    private static long zeros(boolean[] kept) {
        return IntStream.range(0, kept.length).filter(j -> !kept[j]).count();
    }

    private static float[] masked(float[] values, boolean[] kept) {
        float[] masked = values.clone();
        for (int j = 0; j < masked.length; j++) {
            masked[j] = kept[j] ? masked[j] : 0;
        }
        return masked;
    }

    private static void assertClose(float[] values, JsonNode wanted, double tolerance) {
        double[] expected = Vectors.doubles(wanted);
        assertThat(values).hasSameSizeAs(expected);
        for (int j = 0; j < expected.length; j++) {
            assertThat((double) values[j]).isCloseTo(expected[j], within(tolerance));
        }
    }
}
