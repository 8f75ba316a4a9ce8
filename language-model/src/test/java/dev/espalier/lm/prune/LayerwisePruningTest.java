package dev.espalier.lm.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerwisePruningTest {

    private static final Sparsity HALF = Sparsity.unstructured("0.5");
    private static final PruningSettings SPARSE_GPT =
            PruningSettings.exact(Pruner.SparseGpt.defaults(), HALF);
    private static final PruningSettings WANDA = PruningSettings.exact(new Pruner.Wanda(), HALF);
    private static final PruningSettings MAGNITUDE =
            PruningSettings.exact(new Pruner.Magnitude(), HALF);
    private static final Calibration TEXTS = Calibration.texts(texts(6));

    private BaseModel base;

    @BeforeEach
    void load() throws IOException {
        base = BaseModel.load(Goldens.bundled("llama"));
    }

    @AfterEach
    void close() {
        base.close();
    }

    @Test
    void onlyLinearLayersOfTheChosenLayersArePruned() {
        PrunedWeights pruned = prune(WANDA, TEXTS, 1);

        assertThat(pruned.matrices())
                .extracting(PrunedMatrix::linear)
                .containsExactlyElementsOf(base.family().layerLinears(1));
    }

    @Test
    void whereNoLayerIsChosenNothingIsReadOrPruned() {
        PrunedWeights pruned = new PrunedWeights();

        PruningOutcome outcome =
                new LayerwisePruning(base, WANDA, 2)
                        .prune(
                                Calibration.none(),
                                new TreeSet<>(),
                                pruned,
                                PruningProgress.Listener.none(),
                                () -> false);

        assertThat(pruned.matrices()).isEmpty();
        PruningOutcome.Finished finished = (PruningOutcome.Finished) outcome;
        assertThat(finished.sparsity()).isZero();
        assertThat(finished.cost().total()).isZero();
    }

    @Test
    void masksAreEnoughWhereKeptWeightsStay() {
        for (PruningSettings settings : List.of(WANDA, MAGNITUDE)) {
            assertThat(prune(settings, TEXTS, 0).matrices())
                    .allMatch(m -> m.tensor().encoding() instanceof Encoding.MaskOnly);
        }
        assertThat(prune(SPARSE_GPT, TEXTS, 0).matrices())
                .allMatch(m -> m.tensor().encoding() instanceof Encoding.Bitmap);
    }

    @Test
    void magnitudesNeedNoTexts() {
        assertThat(prune(MAGNITUDE, Calibration.none(), 0, 1).matrices()).hasSize(14);
    }

    @Test
    void theOthersDo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prune(WANDA, Calibration.none(), 0))
                .withMessageContaining("no examples");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 6})
    void batchesDecideNothing(int batchSize) {
        PrunedWeights pruned = new PrunedWeights();
        prune(SPARSE_GPT, batchSize, pruned, PruningProgress.Listener.none());

        assertThat(masks(pruned)).isEqualTo(masks(prune(SPARSE_GPT, TEXTS, 0, 1)));
    }

    @Test
    void theSameTextsGiveTheSameBits() {
        List<float[]> once = values(prune(SPARSE_GPT, TEXTS, 0, 1));
        List<float[]> again = values(prune(SPARSE_GPT, TEXTS, 0, 1));

        assertThat(once).hasSize(14);
        for (int i = 0; i < once.size(); i++) {
            assertThat(again.get(i)).isEqualTo(once.get(i));
        }
    }

    @Test
    void theModelStaysAsItIs() {
        float[] before = base.weights().floats("model.layers.0.mlp.up_proj.weight");

        PrunedWeights pruned = prune(SPARSE_GPT, TEXTS, 0, 1);
        try (BaseModel sparse = pruned.over(base)) {
            PrunedMatrix last = pruned.matrices().getLast();
            float[] dense = base.weights().floats(last.linear().weight());
            assertThat(sparse.weights().floats(last.linear().weight()))
                    .isEqualTo(last.appliedTo(dense))
                    .isNotEqualTo(dense);
        }

        assertThat(base.weights().floats("model.layers.0.mlp.up_proj.weight")).isEqualTo(before);
    }

    /** A second round goes on from what the first left. */
    @Test
    void aPrunedModelMayBePrunedFurther() {
        PrunedWeights half = prune(WANDA, TEXTS, 0);
        PrunedWeights more = new PrunedWeights();
        try (BaseModel sparse = half.over(base)) {
            new LayerwisePruning(
                            sparse,
                            PruningSettings.exact(
                                    new Pruner.Wanda(), Sparsity.unstructured("0.75")),
                            2)
                    .prune(TEXTS, layers(0), more, PruningProgress.Listener.none(), () -> false);
        }
        for (int m = 0; m < half.matrices().size(); m++) {
            PrunedMatrix first = half.matrices().get(m);
            PrunedMatrix second = more.matrices().get(m);
            for (int i = 0; i < first.mask().elements(); i++) {
                assertThat(second.mask().keeps(i) && !first.mask().keeps(i)).isFalse();
            }
        }
    }

    @Test
    void progressIsToldAfterEveryMatrixAndLayer() {
        List<PruningProgress> told = new ArrayList<>();

        new LayerwisePruning(base, WANDA, 2)
                .prune(TEXTS, layers(1), new PrunedWeights(), told::add, () -> false);

        assertThat(told).hasSize(1 + 7 + 1);
        assertThat(told.getFirst()).isEqualTo(new PruningProgress(1, 2, 0, 7));
        assertThat(told.get(3)).isEqualTo(new PruningProgress(1, 2, 3, 7));
        assertThat(told.getLast()).isEqualTo(new PruningProgress(2, 2, 7, 7));
    }

    @Test
    void itStopsBeforeTheNextBatchOrMatrix() {
        int asked = 0;
        PruningOutcome outcome;
        do {
            AtomicInteger left = new AtomicInteger(asked++);
            PrunedWeights pruned = new PrunedWeights();
            outcome =
                    new LayerwisePruning(base, SPARSE_GPT, 2)
                            .prune(
                                    TEXTS,
                                    layers(0, 1),
                                    pruned,
                                    PruningProgress.Listener.none(),
                                    () -> left.getAndDecrement() == 0);
            if (outcome instanceof PruningOutcome.Stopped(int matrices)) {
                assertThat(pruned.matrices()).hasSize(matrices);
                assertThat(matrices).isLessThan(14);
            }
            assertThat(arrays(base.weights().manager())).isEqualTo(idle());
        } while (outcome instanceof PruningOutcome.Stopped);
        // 6 texts in batches of one length; each batch twice in layer 0, once in layer 1
        assertThat(asked).isGreaterThan(3 * 3 + 14);
    }

    /** Statistics of a layer are gone before those of the next are begun. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyOneLayersStatisticsLiveAtATime(boolean sparseGpt) {
        PruningSettings settings = sparseGpt ? SPARSE_GPT : WANDA;
        Watch watch = new Watch(StatisticsSource.of(settings));

        new LayerwisePruning(base, settings, 2, watch)
                .prune(
                        TEXTS,
                        layers(0, 1),
                        new PrunedWeights(),
                        PruningProgress.Listener.none(),
                        () -> false);

        // query, key and value share one, gate and up another; output and down have their own
        assertThat(watch.begun)
                .containsExactly(
                        "model.layers.0.self_attn.q_proj",
                        "model.layers.0.self_attn.o_proj",
                        "model.layers.0.mlp.gate_proj",
                        "model.layers.0.mlp.down_proj",
                        "model.layers.1.self_attn.q_proj",
                        "model.layers.1.self_attn.o_proj",
                        "model.layers.1.mlp.gate_proj",
                        "model.layers.1.mlp.down_proj");
        assertThat(watch.most).isEqualTo(4);
        assertThat(watch.live).isEmpty();
    }

    /** Between layers an array a batch is held, in a decoder that asks an encoder two. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "bert", "t5_gated"})
    void nativeMemoryDoesNotGrowWithTheLayers(String family) throws IOException {
        try (BaseModel model = BaseModel.load(Goldens.bundled(family))) {
            NDManager shared = model.weights().manager();
            int idle = arrays(shared);
            int outside = arrays(shared.getParentManager());
            List<TextToTextExample> pairs =
                    texts(6).stream().map(t -> TextToTextExample.of(t, t)).toList();
            Calibration texts = family.startsWith("t5") ? Calibration.pairs(pairs) : TEXTS;
            List<Integer> held = new ArrayList<>();

            new LayerwisePruning(model, SPARSE_GPT, 2)
                    .prune(
                            texts,
                            LayerwisePruning.allLayers(model),
                            new PrunedWeights(),
                            told -> held.add(told.layers() + 100 * (arrays(shared) - idle)),
                            () -> false);

            List<Integer> expected = new ArrayList<>();
            for (int layer = 1; layer <= model.family().layerNames().size(); layer++) {
                expected.add(layer + 100 * 3 * (layer > model.family().firstStack() ? 2 : 1));
            }
            assertThat(held).containsSubsequence(expected);
            assertThat(arrays(shared)).isEqualTo(idle);
            assertThat(arrays(shared.getParentManager())).isEqualTo(outside);
        }
    }

    @Test
    void tensorsAreCalledAsTheFileCallsThem(@TempDir Path folder) throws IOException {
        Path stored = Goldens.bundled("llama");
        Files.copy(stored.resolve("config.json"), folder.resolve("config.json"));
        try (SafetensorsFile file = SafetensorsFile.open(stored.resolve("model.safetensors"))) {
            SafetensorsWriter writer = new SafetensorsWriter();
            for (String name : file.names()) {
                writer.floats(
                        name.replaceFirst("^model\\.", ""),
                        file.info(name).shape(),
                        file.floats(name));
            }
            writer.write(folder.resolve("model.safetensors"));
        }
        try (BaseModel bare = BaseModel.load(folder)) {
            PrunedWeights pruned = new PrunedWeights();
            new LayerwisePruning(bare, MAGNITUDE, 1)
                    .prune(
                            Calibration.none(),
                            layers(0),
                            pruned,
                            PruningProgress.Listener.none(),
                            () -> false);
            PrunedMatrix first = pruned.matrices().getFirst();
            assertThat(first.tensor().name()).isEqualTo("layers.0.self_attn.q_proj.weight");
            assertThat(first.linear().weight()).isEqualTo("model.layers.0.self_attn.q_proj.weight");
        }
    }

    @Test
    void aModelInBfloat16IsPrunedToo() throws IOException {
        assumeTrue(Bfloat16.isSupported(), "this processor has no avx512_bf16 or amx_bf16");
        try (BaseModel narrow = BaseModel.load(Goldens.bundled("llama"), Precision.BFLOAT16)) {
            PrunedWeights pruned = new PrunedWeights();
            PruningOutcome outcome =
                    new LayerwisePruning(narrow, SPARSE_GPT, 2)
                            .prune(
                                    TEXTS,
                                    layers(0, 1),
                                    pruned,
                                    PruningProgress.Listener.none(),
                                    () -> false);

            PruningOutcome.Finished finished = (PruningOutcome.Finished) outcome;
            assertThat(finished.sparsity()).isEqualTo(0.5);
        }
    }

    @Test
    void whatCannotBePrunedIsRefused() throws IOException {
        assertThatIllegalArgumentException().isThrownBy(() -> new LayerwisePruning(base, WANDA, 0));
        assertThatThrownBy(() -> prune(WANDA, TEXTS, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        PruningSettings groups =
                PruningSettings.exact(new Pruner.Wanda(), Sparsity.inGroups(2, 16));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prune(groups, TEXTS, 0))
                .withMessageContaining("down_proj")
                .withMessageContaining("72");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prune(WANDA, Calibration.pairs(List.of()), 0));
        boolean[][] heads = HeadMask.all(base.structure()).toArray();
        heads[0][0] = false;
        try (BaseModel left = base.keeping(HeadMask.of(heads))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new LayerwisePruning(left, WANDA, 1))
                    .withMessageContaining("lost heads");
            assertThatIllegalStateException().isThrownBy(() -> left.changed(new TreeMap<>()));
        }
        try (BaseModel t5 = BaseModel.load(Goldens.bundled("t5"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            new LayerwisePruning(t5, WANDA, 1)
                                    .prune(
                                            TEXTS,
                                            layers(0),
                                            new PrunedWeights(),
                                            PruningProgress.Listener.none(),
                                            () -> false))
                    .withMessageContaining("pairs");
        }
    }

    /** Weights of which one is no number make inputs that are none. */
    @Test
    void inputsThatAreNotFiniteAreRefusedByTheNameOfTheirLayer() {
        var changes = new TreeMap<String, UnaryOperator<float[]>>();
        changes.put(
                "model.layers.0.input_layernorm.weight",
                values -> {
                    values[0] = Float.NaN;
                    return values;
                });
        try (BaseModel broken = base.changed(changes)) {
            for (PruningSettings settings : List.of(WANDA, SPARSE_GPT)) {
                assertThatThrownBy(() ->
                                new LayerwisePruning(broken, settings, 2)
                                        .prune(
                                                TEXTS,
                                                layers(0),
                                                new PrunedWeights(),
                                                PruningProgress.Listener.none(),
                                                () -> false))
                        .isInstanceOf(ArithmeticException.class)
                        .hasMessageContaining("model.layers.0.self_attn.q_proj");
            }
        }
    }

    /** Counts statistics that were begun and not yet freed. */
    private static final class Watch implements StatisticsSource {

        private final StatisticsSource source;
        private final List<String> begun = new ArrayList<>();
        private final TreeSet<String> live = new TreeSet<>();
        private int most;

        private Watch(StatisticsSource source) {
            this.source = source;
        }

        @Override
        public InputStatistics of(LinearLayer linear, NDManager manager) {
            String module = linear.module();
            String layer = module.substring(0, "model.layers.0".length());
            assertThat(live).allMatch(other -> other.startsWith(layer));
            begun.add(module);
            live.add(module);
            most = Math.max(most, live.size());
            InputStatistics made = source.of(linear, manager);
            return new InputStatistics() {
                @Override
                public void add(NDArray x) {
                    made.add(x);
                }

                @Override
                public MatrixPruning pruning() {
                    return made.pruning();
                }

                @Override
                public void close() {
                    live.remove(module);
                    made.close();
                }
            };
        }
    }

    private int idle() {
        return base.weights().shapes().size();
    }

    private static int arrays(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    private PrunedWeights prune(PruningSettings settings, Calibration texts, Integer... layers) {
        PrunedWeights pruned = new PrunedWeights();
        new LayerwisePruning(base, settings, 2)
                .prune(texts, layers(layers), pruned, PruningProgress.Listener.none(), () -> false);
        return pruned;
    }

    private void prune(
            PruningSettings settings,
            int batchSize,
            PrunedWeights pruned,
            PruningProgress.Listener listener) {
        new LayerwisePruning(base, settings, batchSize)
                .prune(TEXTS, layers(0, 1), pruned, listener, () -> false);
    }

    private static SortedSet<Integer> layers(Integer... layers) {
        return new TreeSet<>(Arrays.asList(layers));
    }

    private static List<List<Boolean>> masks(PrunedWeights pruned) {
        return pruned.matrices().stream()
                .map(matrix ->
                        LongStream.range(0, matrix.mask().elements())
                                .mapToObj(matrix.mask()::keeps)
                                .toList())
                .toList();
    }

    private List<float[]> values(PrunedWeights pruned) {
        return pruned.matrices().stream()
                .map(m -> m.appliedTo(base.weights().floats(m.linear().weight())))
                .toList();
    }

    /** Two of each length. */
    private static List<TokenSequence> texts(int count) {
        SplittableRandom random = new SplittableRandom(7);
        List<TokenSequence> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = random.ints(9 + i / 2, 3, 100).toArray();
            texts.add(new TokenSequence(ids, new int[ids.length]));
        }
        return texts;
    }
}
