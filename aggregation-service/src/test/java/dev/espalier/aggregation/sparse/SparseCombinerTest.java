package dev.espalier.aggregation.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.MaskExpansion;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.combine.TieOrder;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Published cases and laws, through real files. */
class SparseCombinerTest {

    private static final String NORM = "norm.weight";

    @TempDir Path folder;

    private final SortedMap<String, float[]> base = new TreeMap<>();
    private final List<SparseUpdate> updates = new ArrayList<>();
    private Path weights;
    private Path mask;
    private Path newWeights;
    private Path newMask;

    @BeforeEach
    void namePaths() {
        weights = folder.resolve("base.safetensors");
        mask = folder.resolve("mask.safetensors");
        newWeights = folder.resolve("new.safetensors");
        newMask = folder.resolve("new-mask.safetensors");
    }

    static Stream<Arguments> norms() {
        return vectors("l0_norm.json");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("norms")
    void theMeanIsThatOfTheVector(JsonNode one) throws IOException {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        int length = in.get("weights").get(0).size();
        base.put("w", in.has("previous") ? floats(in.get("previous")) : new float[length]);
        for (int k = 0; k < in.get("weights").size(); k++) {
            JsonNode bits = in.get("masks").get(k);
            if (!bits.isNull()) {
                send(k, Map.of("w", values("w", floats(in.get("weights").get(k)), bits(bits))));
            }
        }

        combine(new Expansion.None());

        JsonNode wanted = expected.has("W") ? expected.get("W") : expected.get("W_explicitMask");
        assertClose(combined("w"), floats(wanted));
    }

    static Stream<Arguments> expansions() {
        return vectors("l0_mask_expansion.json")
                .filter(one ->
                        ((Named<JsonNode>) one.get()[0]).getPayload().get("input").has("masks"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("expansions")
    void theExpandedMatrixIsThatOfTheVector(JsonNode one) throws IOException {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        base.put("w", new float[in.get("weights").get(0).size()]);
        for (int k = 0; k < in.get("weights").size(); k++) {
            send(
                    k,
                    Map.of(
                            "w",
                            values(
                                    "w",
                                    floats(in.get("weights").get(k)),
                                    bits(in.get("masks").get(k)))));
        }

        List<MatrixSparsity> told =
                combine(
                        new Expansion.Adaptive(
                                in.get("sparsity").decimalValue(),
                                TieOrder.valueOf(in.get("tieBreak").asString()),
                                1));

        assertClose(combined("w"), floats(expected.get("W")));
        assertThat(keptOf("w")).isEqualTo(bits(expected.get("globalMask")));
        assertThat(told.getFirst().sparsity())
                .isCloseTo(expected.get("finalSparsity").asDouble(), within(1e-9));
    }

    @Test
    void aLayerThatNobodySampledKeepsItsWeights() throws IOException {
        JsonNode one =
                vectors("layer_sampling.json")
                        .map(argument -> ((Named<JsonNode>) argument.get()[0]).getPayload())
                        .filter(c ->
                                c.get("name").asString().equals("aggregate_with_unsampled_layer"))
                        .findFirst()
                        .orElseThrow();
        JsonNode in = one.get("input");
        for (int layer = 0; layer < in.get("previous").size(); layer++) {
            base.put("layer." + layer, floats(in.get("previous").get(layer)));
        }
        for (int k = 0; k < in.get("sets").size(); k++) {
            Map<String, MaskedTensor> sent = new TreeMap<>();
            for (JsonNode layer : in.get("sets").get(k)) {
                JsonNode upload = in.get("uploads").get("" + k).get("" + layer.asInt());
                String name = "layer." + layer.asInt();
                sent.put(name, values(name, floats(upload.get("w")), bits(upload.get("m"))));
            }
            send(k, sent);
        }

        List<MatrixSparsity> told = combine(new Expansion.None());

        JsonNode expected = one.get("expected");
        for (int layer = 0; layer < base.size(); layer++) {
            assertClose(combined("layer." + layer), floats(expected.get("layers").get(layer)));
            assertThat(told.get(layer).responders())
                    .isEqualTo(expected.get("responders").get(layer).asInt());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aMaskAloneGivesWhatItsOwnValuesWould(long seed) throws IOException {
        Random random = new Random(seed);
        base.put("w", any(random, 3000));
        List<boolean[]> masks = Stream.generate(() -> pruned(random, 3000, 1500)).limit(3).toList();
        for (int k = 0; k < 3; k++) {
            send(k, Map.of("w", values("w", base.get("w"), masks.get(k))));
        }
        combine(half());
        byte[] withValues = Files.readAllBytes(newWeights);
        updates.clear();
        for (int k = 0; k < 3; k++) {
            send(k, Map.of("w", maskAlone("w", masks.get(k))));
        }
        combine(half());

        assertThat(Files.readAllBytes(newWeights)).isEqualTo(withValues);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void neitherTheOrderOfArrivalNorThreadsChangeAByte(long seed) throws IOException {
        Random random = new Random(seed);
        someFederation(random);
        combine(half());
        byte[] weightsOnce = Files.readAllBytes(newWeights);
        byte[] maskOnce = Files.readAllBytes(newMask);

        Collections.shuffle(updates, random);
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            new SparseCombiner(new MaskedMean(threads, 3))
                    .combine(files(null), matrices(), updates, half());
        }

        assertThat(Files.readAllBytes(newWeights)).isEqualTo(weightsOnce);
        assertThat(Files.readAllBytes(newMask)).isEqualTo(maskOnce);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyMatrixThatSomebodyPrunedIsExactlyAsSparseAsItShouldBe(long seed) throws IOException {
        Random random = new Random(seed);
        someFederation(random);

        for (Expansion expansion :
                List.of(half(), new Expansion.Random(new BigDecimal("0.5"), seed))) {
            for (MatrixSparsity matrix : combine(expansion)) {
                long zeros = MaskExpansion.targetZeros(new BigDecimal("0.5"), matrix.elements());
                assertThat(matrix.zeros()).isEqualTo(matrix.responders() == 0 ? 0 : zeros);
                float[] values = combined(matrix.name());
                assertThat(IntStream.range(0, values.length).filter(j -> values[j] == 0).count())
                        .isEqualTo(matrix.zeros());
            }
        }
    }

    @Test
    void whatIsNoMatrixIsCopiedToTheBit() throws IOException {
        someFederation(new Random(3));
        combine(half());

        assertThat(combined(NORM)).isEqualTo(base.get(NORM));
        try (SafetensorsFile file = SafetensorsFile.open(newMask)) {
            assertThat(file.contains(NORM)).isFalse();
        }
    }

    @Test
    void aSparseMatrixThatNobodySampledStaysSparse() throws IOException {
        base.put("a", new float[] {1, 0, 3, 0});
        base.put("b", new float[] {1, 2, 3, 4});
        new SafetensorsWriter()
                .raw("a", DType.U8, Shape.of(1), ElementMask.of(true, false, true, false).bytes())
                .write(mask);
        send(0, Map.of("b", maskAlone("b", new boolean[] {true, true, false, false})));
        write();

        List<MatrixSparsity> told =
                new SparseCombiner(MaskedMean.sequential())
                        .combine(files(mask), matrices(), updates, half());

        assertThat(keptOf("a")).containsExactly(true, false, true, false);
        assertThat(told.getFirst()).isEqualTo(new MatrixSparsity("a", 4, 2, 0));
        assertThat(combined("b")).containsExactly(1, 2, 0, 0);
    }

    @Test
    void aClientWithoutExamplesCountsForNothing() throws IOException {
        base.put("w", new float[] {1, 2});
        send(0, Map.of("w", maskAlone("w", new boolean[] {true, false})));
        SparseUpdate sent = updates.removeFirst();
        updates.add(new SparseUpdate(sent.agent(), 0, sent.file()));

        assertThat(combine(half()).getFirst().responders()).isZero();
        assertThat(combined("w")).containsExactly(1, 2);
    }

    @Test
    void halfPrecisionIsRoundedOnce() throws IOException {
        float[] wide = any(new Random(8), 64);
        new SafetensorsWriter().floats("w", DType.F16, Shape.of(64), wide).write(weights);
        boolean[] kept = pruned(new Random(9), 64, 32);
        for (int k = 0; k < 3; k++) {
            send(k, Map.of("w", maskAlone("w", kept, Shape.of(64))));
        }
        new SparseCombiner(MaskedMean.sequential())
                .combine(files(null), new TreeSet<>(List.of("w")), updates, half());

        try (SafetensorsFile before = SafetensorsFile.open(weights);
                SafetensorsFile after = SafetensorsFile.open(newWeights)) {
            for (int j = 0; j < 64; j++) {
                assertThat(after.floats("w")[j]).isEqualTo(kept[j] ? before.floats("w")[j] : 0);
            }
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 12);
    }

    /** Layers of which clients sampled some; every client prunes half of what it samples. */
    private void someFederation(Random random) throws IOException {
        base.clear();
        updates.clear();
        base.put(NORM, any(random, 5));
        for (int layer = 0; layer < 5; layer++) {
            base.put("layer.%d.weight".formatted(layer), any(random, 1 + random.nextInt(5000)));
        }
        for (int k = 0; k < 4; k++) {
            Map<String, MaskedTensor> sent = new TreeMap<>();
            for (String name : matrices()) {
                int length = base.get(name).length;
                boolean[] kept =
                        pruned(
                                random,
                                length,
                                (int) MaskExpansion.targetZeros(new BigDecimal("0.5"), length));
                if (random.nextBoolean()) {
                    sent.put(
                            name,
                            random.nextBoolean()
                                    ? maskAlone(name, kept)
                                    : values(name, any(random, length), kept));
                }
            }
            send(k, sent);
        }
    }

    private static Expansion half() {
        return new Expansion.Adaptive(new BigDecimal("0.5"), TieOrder.MAGNITUDE_THEN_INDEX, 1);
    }

    private List<MatrixSparsity> combine(Expansion expansion) throws IOException {
        write();
        return new SparseCombiner(MaskedMean.sequential())
                .combine(files(null), matrices(), updates, expansion);
    }

    private void write() throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        base.forEach((name, values) -> writer.floats(name, Shape.of(values.length), values));
        writer.write(weights);
    }

    private SparseCombiner.Files files(@Nullable Path maskOfParent) {
        return new SparseCombiner.Files(List.of(weights), maskOfParent, newMask, newWeights);
    }

    private SortedSet<String> matrices() {
        SortedSet<String> matrices = new TreeSet<>(base.keySet());
        matrices.remove(NORM);
        return matrices;
    }

    private void send(int client, Map<String, MaskedTensor> tensors) throws IOException {
        Path file = folder.resolve("update-%d-%d".formatted(client, System.nanoTime()));
        UpdateFile.write(file, Map.of(), tensors.values(), DType.F32);
        updates.add(new SparseUpdate(new AgentName("client-" + client), 1 + client, file));
    }

    private static MaskedTensor values(String name, float[] all, boolean[] kept) {
        float[] packed =
                new float[(int) IntStream.range(0, all.length).filter(j -> kept[j]).count()];
        int n = 0;
        for (int j = 0; j < all.length; j++) {
            if (kept[j]) {
                packed[n++] = all[j];
            }
        }
        return MaskedTensor.bitmap(name, Shape.of(all.length), ElementMask.of(kept), packed);
    }

    private MaskedTensor maskAlone(String name, boolean[] kept) {
        return maskAlone(name, kept, Shape.of(base.get(name).length));
    }

    private static MaskedTensor maskAlone(String name, boolean[] kept, Shape shape) {
        return MaskedTensor.maskOnly(name, shape, ElementMask.of(kept));
    }

    private float[] combined(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(newWeights)) {
            return file.floats(name);
        }
    }

    private boolean[] keptOf(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(newMask)) {
            ElementMask kept = ElementMask.of(file.bytes(name), base.get(name).length);
            boolean[] bits = new boolean[base.get(name).length];
            for (int j = 0; j < bits.length; j++) {
                bits[j] = kept.keeps(j);
            }
            return bits;
        }
    }

    /** All above zero, so that no mean of some is zero. */
    private static float[] any(Random random, int length) {
        float[] values = new float[length];
        for (int j = 0; j < length; j++) {
            values[j] = (1 + random.nextInt(200)) / 32f;
        }
        return values;
    }

    private static boolean[] pruned(Random random, int length, int zeros) {
        List<Integer> all = new ArrayList<>(IntStream.range(0, length).boxed().toList());
        Collections.shuffle(all, random);
        boolean[] kept = new boolean[length];
        all.subList(zeros, length).forEach(j -> kept[j] = true);
        return kept;
    }

    private static void assertClose(float[] values, float[] expected) {
        assertThat(values).containsExactly(expected, within(1e-6f));
    }

    private static float[] floats(JsonNode list) {
        float[] values = new float[list.size()];
        for (int j = 0; j < values.length; j++) {
            values[j] = (float) list.get(j).asDouble();
        }
        return values;
    }

    private static boolean[] bits(JsonNode list) {
        boolean[] bits = new boolean[list.size()];
        for (int j = 0; j < bits.length; j++) {
            bits[j] = list.get(j).asInt() == 1;
        }
        return bits;
    }

    private static Stream<Arguments> vectors(String file) {
        try (InputStream json = SparseCombinerTest.class.getResourceAsStream("/vectors/" + file)) {
            return new JsonMapper()
                            .readTree(json)
                            .get("cases")
                            .valueStream()
                            .map(one -> Arguments.of(Named.of(one.get("name").asString(), one)))
                            .toList()
                            .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
