package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.adapter.AdapterKey;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.sensitivity.ComponentScore;
import dev.espalier.lm.sensitivity.ElementScore;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.lm.sensitivity.WeightsOfStep;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.ClassificationTrainer;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.protocol.job.HeadPruningSpec.Mode;
import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import dev.espalier.protocol.job.HeadPruningSpec.Score;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.HeadPlan;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.RankPlan;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.IndexSet;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.masked.VectorAxis;
import dev.espalier.tensors.quantised.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Training of 2 of 4 components of every module, other ones in each, with all heads or with 2. */
class RankedTrainingTest {

    private static final String LAYER = "bert.encoder.layer.%d.attention.self.%s";
    private static final Map<String, List<Integer>> SOME =
            new TreeMap<>(
                    Map.of(
                            module(0, "query"), List.of(0, 3),
                            module(0, "value"), List.of(1, 2),
                            module(1, "query"), List.of(2, 3),
                            module(1, "value"), List.of(0, 1)));
    private static final ImportanceSpec MEASURE =
            new ImportanceSpec(
                    ImportanceSpec.Score.ADALORA, ImportanceSpec.Source.CLIENT_GRADIENT, 0.5, 0.7);

    @TempDir private Path folder;

    private TestBench bench;
    private Path mail;
    private Path lastHome;
    private AdapterWeights received;

    private static String module(int layer, String name) {
        return LAYER.formatted(layer, name);
    }

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
        mail = TinyFederation.mail(folder.resolve("mail.csv"), 26, 1);
        bench.read(mail);
        Path other = folder.resolve("other");
        received = TinyFederation.scattered(folder.resolve("adapter"), other);
        bench.publish(TinyFederation.OTHER_ADAPTER, TinyFederation.BASE, other);
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    /** A file that was handed in; values as they are when it is read. */
    private record Update(UpdateManifest manifest, Map<String, float[]> values, long bytes) {}

    @ParameterizedTest(name = "truncated {0}, heads {1}")
    @CsvSource({"false,", "true,", "false,REMOVE", "true,REMOVE", "false,FREEZE", "true,FREEZE"})
    void theUploadIsWhatTheSmallerAdapterLearnedAndNothingElse(
            boolean truncated, @Nullable Mode mode) throws Exception {
        Update update = update(train(SOME, plan(mode), truncated, MEASURE, null));
        Scope scope = update.manifest().scope();

        try (BaseModel base = BaseModel.load(TinyFederation.MODEL)) {
            HeadMask kept =
                    mode == null
                            ? HeadMask.all(base.structure())
                            : HeadNames.mask(base.structure(), scope.heads());
            Trained trained = trained(base, truncated, kept, mode);

            assertThat(scope.components()).isEqualTo(SOME);
            assertThat(update.manifest().quantisation()).isNull();
            assertSame(update.values(), covered(scope, trained.whole()));
            AdapterWeights own = bench.own(lastHome).find(train(1).job()).orElseThrow();
            assertThat(own).isEqualTo(trained.whole());
            assertThat(trained.part().put(own, trained.part().taken(received)))
                    .as("what is not trained has kept its bits")
                    .isEqualTo(received);
            assertThat(update.manifest().componentScores()).isEqualTo(trained.scores());
        }
    }

    /** What the library makes of it, and of the importance of its components. */
    private record Trained(
            AdapterWeights whole, AdapterPart part, Map<String, List<Double>> scores) {}

    private Trained trained(BaseModel base, boolean truncated, HeadMask kept, @Nullable Mode mode)
            throws IOException {
        AdapterSettings settings = PeftFolder.read(folder.resolve("other")).settings();
        AdapterPart heads = AdapterPart.ofHeads(ModelHeads.kept(base.structure(), kept), settings);
        Map<String, IndexSet> chosen = new TreeMap<>();
        SOME.forEach((module, some) ->
                chosen.put(
                        module, IndexSet.of(some.stream().mapToInt(Integer::intValue).toArray())));
        AdapterPart components = AdapterPart.ofComponents(chosen);
        AdapterPart whole = AdapterPart.whole();
        AdapterPart held =
                (mode == Mode.REMOVE ? heads : whole).and(truncated ? components : whole);
        AdapterPart moving =
                (mode == Mode.REMOVE ? whole : heads).and(truncated ? whole : components);
        AdapterSettings form = truncated ? settings.truncated(2) : settings;
        BaseModel model = mode == Mode.REMOVE ? base.keeping(kept) : base;
        AdapterWeights start = held.taken(received);
        Sensitivity seen = Sensitivity.start(start.shapes(), new Smoothing(0.5, 0.7));
        var training = TaskRules.training(train(1).training(), train(1).seed());
        try (TrainingRun run =
                new ClassificationTrainer(model, form, training, moving)
                        .begin(start, examples(base))) {
            run.observe(seen.observer(WeightsOfStep.BEFORE));
            while (!run.isDone()) {
                run.step();
            }
            return new Trained(
                    held.put(received, run.weights()),
                    heads.and(components),
                    scores(seen, moving, kept));
        } finally {
            if (mode == Mode.REMOVE) {
                model.close();
            }
        }
    }

    private static Map<String, List<Double>> scores(
            Sensitivity seen, AdapterPart moving, HeadMask kept) {
        Map<String, List<Double>> scores = new TreeMap<>();
        for (String module : SOME.keySet()) {
            int layer = module.contains("layer.0") ? 0 : 1;
            if (kept.kept(layer) > 0) {
                double[] found =
                        seen.components(
                                module,
                                ElementScore.ADALORA,
                                ComponentScore.MEAN_PLUS_MEAN,
                                moving);
                scores.put(module, java.util.Arrays.stream(found).boxed().toList());
            }
        }
        return scores;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allComponentsByNameArePlainTraining(boolean truncated) throws Exception {
        Map<String, List<Integer>> all = new TreeMap<>();
        SOME.keySet().forEach(module -> all.put(module, List.of(0, 1, 2, 3)));

        Update named = update(train(all, null, truncated, null, null));
        Update plain = update(train(null, null, truncated, null, null));

        assertSame(named.values(), plain.values());
        assertThat(named.manifest().componentScores()).isNull();
        assertThat(plain.manifest().scope()).isEqualTo(Scope.whole());
    }

    @Test
    void truncationIsAnotherModelThanFreezing() throws Exception {
        Update frozen = update(train(SOME, null, false, null, null));
        Update truncated = update(train(SOME, null, true, null, null));

        assertThat(frozen.values().keySet()).isEqualTo(truncated.values().keySet());
        assertThat(frozen.values().get(AdapterKey.a(module(1, "query"))))
                .isNotEqualTo(truncated.values().get(AdapterKey.a(module(1, "query"))));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 32})
    void fewerBitsLoseWhatTheManifestSays(int bits) throws Exception {
        Update exact = update(train(SOME, plan(Mode.REMOVE), false, null, null));
        Update rounded =
                update(train(SOME, plan(Mode.REMOVE), false, null, new UploadPlan(bits, null)));

        double lost = 0;
        double all = 0;
        for (String name : exact.values().keySet()) {
            float[] before = exact.values().get(name);
            float[] after = rounded.values().get(name);
            assertThat(after).hasSameSizeAs(before);
            if (name.contains("lora")) {
                for (int i = 0; i < before.length; i++) {
                    lost += Math.pow((double) after[i] - before[i], 2);
                    all += Math.pow(before[i], 2);
                }
            } else {
                assertThat(after).as("the task head").isEqualTo(before);
            }
        }
        assertThat(rounded.manifest().quantisation().error())
                .isCloseTo(Math.sqrt(lost / all), within(1e-12));
        assertThat(Math.sqrt(lost / all))
                .isBetween(bits == 32 ? 0 : 1e-6, bits == 4 ? 0.2 : bits == 8 ? 0.01 : 0.001);
        assertThat(rounded.manifest().quantisation().bits().values())
                .allMatch(List.of(bits, bits)::equals);
        assertThat(rounded.manifest().scope()).isEqualTo(exact.manifest().scope());
    }

    @ParameterizedTest
    @CsvSource({"8000, 8", "700, 8", "300, 7", "160, 4", "30, 0"})
    void aBudgetHoldsAndWhatDoesNotFitLeavesTheScope(long budget, int expected) throws Exception {
        Update exact = update(train(SOME, null, false, MEASURE, null));
        Update packed = update(train(SOME, null, false, MEASURE, new UploadPlan(null, budget)));

        Map<String, List<Integer>> bits = packed.manifest().quantisation().bits();
        Map<String, List<Integer>> left = packed.manifest().scope().components();
        assertThat(left).containsOnlyKeys(SOME.keySet());
        assertThat(left.values().stream().mapToInt(List::size).sum()).isEqualTo(expected);
        assertThat(packed.bytes()).isLessThanOrEqualTo(budget);
        left.forEach((module, components) -> {
            assertThat(SOME.get(module)).containsAll(components);
            if (components.isEmpty()) {
                assertThat(bits).doesNotContainKey(module);
                assertThat(packed.manifest().componentScores()).doesNotContainKey(module);
                assertThat(packed.values()).doesNotContainKey(AdapterKey.a(module));
                return;
            }
            assertThat(bits.get(module)).hasSameSizeAs(components);
            for (int i = 0; i < components.size(); i++) {
                int place = SOME.get(module).indexOf(components.get(i));
                assertThat(packed.manifest().componentScores().get(module).get(i))
                        .isEqualTo(exact.manifest().componentScores().get(module).get(place));
            }
        });
        if (budget == 8000) {
            assertSame(packed.values(), exact.values());
        }
    }

    @Test
    void withoutAScopeABudgetNamesWhatIsLeft() throws Exception {
        Update packed = update(train(null, null, false, null, new UploadPlan(null, 200L)));

        Map<String, List<Integer>> left = packed.manifest().scope().components();
        assertThat(left).containsOnlyKeys(SOME.keySet());
        assertThat(left.values().stream().mapToInt(List::size).sum()).isBetween(1, 5);
        assertThat(packed.bytes()).isLessThanOrEqualTo(200);
    }

    /** The most important ones are those that this round moved most, weighed by their values. */
    @Test
    void importantComponentsGetTheBits() throws Exception {
        Update exact = update(train(null, null, false, null, null));
        AdapterWeights after = bench.own(lastHome).find(train(1).job()).orElseThrow();
        Update packed = update(train(null, null, false, null, new UploadPlan(null, 1000L)));

        List<Integer> ranked =
                exact.values().keySet().stream()
                        .filter(name -> name.contains("lora_A"))
                        .map(name -> name.substring(17, name.length() - 14))
                        .flatMap(
                                module -> IntStream.range(0, 4).mapToObj(i -> Map.entry(module, i)))
                        .sorted(
                                java.util.Comparator.comparingDouble(
                                        one -> -importance(one.getKey(), one.getValue(), after)))
                        .map(one ->
                                packed.manifest()
                                        .quantisation()
                                        .bits()
                                        .get(one.getKey())
                                        .get(one.getValue()))
                        .toList();
        assertThat(ranked).isSortedAccordingTo(Collections.reverseOrder());
        assertThat(ranked.getFirst()).isGreaterThan(ranked.getLast());
    }

    private double importance(String module, int component, AdapterWeights after) {
        float[] a = received.values(AdapterKey.a(module));
        float[] a2 = after.values(AdapterKey.a(module));
        float[] b = received.values(AdapterKey.b(module));
        float[] b2 = after.values(AdapterKey.b(module));
        int in = a.length / 4;
        int out = b.length / 4;
        double row = 0;
        for (int j = component * in; j < (component + 1) * in; j++) {
            row += Math.abs(a2[j] * ((double) a[j] - a2[j]));
        }
        double column = 0;
        for (int j = component; j < b.length; j += 4) {
            column += Math.abs(b2[j] * ((double) b[j] - b2[j]));
        }
        return row / in + column / out;
    }

    @Test
    void theSameAssignmentGivesTheSameBytes() throws Exception {
        Assignment.Train train =
                train(SOME, plan(Mode.REMOVE), true, MEASURE, new UploadPlan(null, 300L));

        assertThat(handedIn(train)).isEqualTo(handedIn(train));
    }

    @Test
    void fewerComponentsCostLess() throws Exception {
        long whole = macs(train(null, null, false, null, null));
        long frozen = macs(train(SOME, null, false, null, null));
        long truncated = macs(train(SOME, null, true, null, null));

        assertThat(truncated).isLessThan(frozen);
        assertThat(frozen).isLessThan(whole);
        assertThat(whole - truncated)
                .as("3 products of 2 components, or 1")
                .isEqualTo(3 * (whole - frozen));
    }

    private long macs(Assignment.Train train) throws Exception {
        return ((Outcome.Trained) perform(train, new MemoryAggregation())).cost().macs();
    }

    @Test
    void whatMakesNoSenseIsRefusedByName() throws Exception {
        assertThat(reason(Map.of("nowhere", List.of(1)), false, null)).contains("[nowhere]");
        assertThat(reason(Map.of(module(0, "query"), List.of(4)), false, null))
                .contains("component 4 of " + module(0, "query"));
        assertThat(reason(Map.of(module(0, "query"), List.of(1)), true, null))
                .contains("as many components of every module");
        assertThat(reason(SOME, false, new UploadPlan(7, null))).contains("4, 8, 16 or 32");
        assertThat(reason(SOME, false, new UploadPlan(8, 100L))).contains("either bits");
        assertThat(reason(SOME, false, new UploadPlan(null, null))).contains("either bits");
    }

    @Test
    void aModelThatWritesSendsNothingForNothing() throws Exception {
        Path letters = folder.resolve("letters.csv");
        Files.writeString(letters, "text,target\nlunch at one,see you\nmoney now,buy\n".repeat(6));
        bench.read(letters, "task", "TEXT_TO_TEXT");
        Assignment.Train like = TinyFederation.writingTrain(1, 1);
        UploadPlan few = new UploadPlan(null, 40L);

        Outcome some =
                perform(
                        TinyFederation.ranked(like, like.adapter(), like.scope(), null, null, few),
                        new MemoryAggregation());
        Outcome none =
                perform(
                        TinyFederation.ranked(
                                like,
                                like.adapter(),
                                like.scope(),
                                null,
                                null,
                                new UploadPlan(null, 5L)),
                        new MemoryAggregation());

        assertThat(some).isInstanceOf(Outcome.Trained.class);
        assertThat(((Outcome.Failed) none).reason()).contains("too small");
    }

    private String reason(
            Map<String, List<Integer>> components, boolean truncated, @Nullable UploadPlan upload)
            throws Exception {
        return ((Outcome.Failed)
                        perform(
                                train(components, null, truncated, null, upload),
                                new MemoryAggregation()))
                .reason();
    }

    private static @Nullable HeadPlan plan(@Nullable Mode mode) {
        return mode == null
                ? null
                : TinyFederation.plan("0.75", 2, Ranking.GLOBAL, Score.CONFIDENCE, mode, Map.of());
    }

    private static Assignment.Train train(int number) {
        return TinyFederation.train(number, 2);
    }

    private static Assignment.Train train(
            @Nullable Map<String, List<Integer>> components,
            @Nullable HeadPlan heads,
            boolean truncated,
            @Nullable ImportanceSpec measure,
            @Nullable UploadPlan upload) {
        return TinyFederation.ranked(
                train(1),
                TinyFederation.OTHER_ADAPTER,
                new Scope(null, components),
                heads,
                new RankPlan(2, truncated, measure),
                upload);
    }

    private Update update(Assignment.Train train) throws Exception {
        Path file = Files.write(folder.resolve("read"), handedIn(train));
        Map<String, float[]> values = new TreeMap<>();
        long bytes = 0;
        try (UpdateFile read = UpdateFile.open(file)) {
            UpdateManifest manifest =
                    JsonMapper.shared()
                            .readValue(
                                    read.metadata().get(UpdateManifest.METADATA_KEY),
                                    UpdateManifest.class);
            for (String name : read.tensorNames()) {
                MaskedTensor tensor = tensor(read, layout().tensor(name).orElseThrow(), manifest);
                float[] packed = new float[(int) tensor.valueCount()];
                tensor.readValues(0, packed, 0, packed.length);
                values.put(name, packed);
                bytes += name.contains("lora") ? tensor.valueBytes(DType.F32) : 0;
            }
            return new Update(manifest, values, bytes);
        }
    }

    private static MaskedTensor tensor(
            UpdateFile read, AdapterTensor tensor, UpdateManifest manifest) throws IOException {
        Shape shape = Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
        if (manifest.quantisation() == null || tensor.kind().isTaskHead()) {
            return read.tensor(tensor.name(), shape);
        }
        return read.quantised(
                tensor.name(),
                shape,
                tensor.kind() == AdapterTensor.Kind.LORA_A ? VectorAxis.ROWS : VectorAxis.COLUMNS,
                manifest.quantisation().bits().get(tensor.module()).stream()
                        .map(Precision::of)
                        .toList());
    }

    private byte[] handedIn(Assignment.Train train) throws Exception {
        MemoryAggregation fresh = new MemoryAggregation();
        assertThat(perform(train, fresh)).isInstanceOf(Outcome.Trained.class);
        return fresh.update(train.round(), TestBench.ADA);
    }

    /** In a home that nobody has lived in. */
    private Outcome perform(Assignment.Train train, MemoryAggregation to) throws Exception {
        lastHome = Files.createTempDirectory(folder, "home").resolve("home");
        return bench.agent(lastHome, () -> 0, to).perform(train, new StillHeart()).orElseThrow();
    }

    /** What the protocol says an update of that scope holds of an adapter. */
    private static Map<String, float[]> covered(Scope scope, AdapterWeights whole)
            throws IOException {
        Map<String, float[]> values = new TreeMap<>();
        for (AdapterTensor tensor : layout().tensors()) {
            AdapterLayout.Part part = layout().part(tensor, scope);
            float[] all = whole.values(tensor.name());
            int width = tensor.shape().size() == 1 ? 1 : tensor.shape().get(1);
            int[] places =
                    IntStream.range(0, all.length)
                            .filter(i -> part.rows() == null || part.rows().contains(i / width))
                            .filter(i ->
                                    part.columns() == null || part.columns().contains(i % width))
                            .toArray();
            float[] some = new float[places.length];
            for (int i = 0; i < some.length; i++) {
                some[i] = all[places[i]];
            }
            if (!part.isEmpty()) {
                values.put(tensor.name(), some);
            }
        }
        return values;
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
    }

    private static AdapterLayout layout() throws IOException {
        return AdapterLayout.of(
                TinyFederation.base().structure(), TinyFederation.LORA, TinyFederation.TASK);
    }

    private List<Example> examples(BaseModel base) throws IOException {
        return Files.readAllLines(mail).stream()
                .skip(1)
                .map(row -> row.split(","))
                .map(row ->
                        new Example(
                                base.tokenizer().encode(row[0], 16), row[1].equals("spam") ? 1 : 0))
                .toList();
    }
}
