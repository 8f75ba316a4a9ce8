package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.head.ConfidenceSettings;
import dev.espalier.lm.head.HeadChoice;
import dev.espalier.lm.head.HeadConfidence;
import dev.espalier.lm.head.HeadScores;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.ClassificationTrainer;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.HeadPruningSpec.Mode;
import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import dev.espalier.protocol.job.HeadPruningSpec.Score;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.HeadPlan;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Training of what belongs to some heads: 8 in 2 blocks, a quarter of them kept. */
class PrunedTrainingTest {

    private static final AgentName ADA = TestBench.ADA;
    private static final String LOWER = "bert.encoder.layer.0.attention";
    private static final String UPPER = "bert.encoder.layer.1.attention";
    private static final int ROWS = 26;

    @TempDir private Path folder;

    private TestBench bench;
    private volatile Path lastHome;
    private Path mail;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
        mail = TinyFederation.mail(folder.resolve("mail.csv"), ROWS, 1);
        bench.read(mail);
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    /** A file that was handed in. */
    private record Update(UpdateManifest manifest, Map<String, String> values) {

        Map<String, List<Integer>> heads() {
            return manifest.scope().heads();
        }

        long kept() {
            return heads().values().stream().mapToInt(List::size).sum();
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void theUploadIsWhatTheSmallerModelLearnedAndNothingElse(Mode mode) throws Exception {
        HeadPlan plan = plan(Ranking.GLOBAL, Score.CONFIDENCE, mode);
        Update update = update(TinyFederation.pruning(train(1), TinyFederation.LORA, plan));

        try (BaseModel base = BaseModel.load(TinyFederation.MODEL)) {
            PeftFolder adapter = PeftFolder.read(folder.resolve("adapter"));
            HeadScores confidence = confidence(base, adapter);
            HeadMask kept = HeadChoice.global(0.75).choose(confidence);
            AdapterWeights trained = trained(base, adapter, kept, mode);

            assertThat(update.heads()).containsOnlyKeys(LOWER, UPPER);
            for (int b = 0; b < 2; b++) {
                int block = b;
                String name = b == 0 ? LOWER : UPPER;
                assertThat(update.heads().get(name)).isEqualTo(kept.keptHeads(b));
                assertThat(update.manifest().headConfidence().get(name))
                        .isEqualTo(
                                kept.keptHeads(b).stream()
                                        .map(head -> confidence.score(block, head))
                                        .toList());
            }
            assertThat(update.values()).isEqualTo(expected(update.manifest().scope(), trained));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GLOBAL, CONFIDENCE",
        "GLOBAL, RANDOM",
        "GLOBAL, MAGNITUDE",
        "GLOBAL, IMPORTANCE",
        "PER_BLOCK, CONFIDENCE",
        "PER_BLOCK, RANDOM",
        "TOP_BLOCKS, CONFIDENCE"
    })
    void whateverHeadsAreRankedByTheirConfidenceIsTold(Ranking ranking, Score score)
            throws Exception {
        Update update =
                update(
                        TinyFederation.pruning(
                                train(1), TinyFederation.LORA, plan(ranking, score, Mode.REMOVE)));

        assertThat(update.kept()).isEqualTo(2);
        if (ranking == Ranking.PER_BLOCK) {
            assertThat(update.heads().values()).allMatch(heads -> heads.size() == 1);
        }
        if (ranking == Ranking.TOP_BLOCKS) {
            assertThat(update.heads().get(LOWER)).isEmpty();
            assertThat(update.values().keySet()).noneMatch(name -> name.contains("layer.0"));
        }
        try (BaseModel base = BaseModel.load(TinyFederation.MODEL)) {
            HeadScores confidence = confidence(base, PeftFolder.read(folder.resolve("adapter")));
            for (int head : update.heads().get(UPPER)) {
                int place = update.heads().get(UPPER).indexOf(head);
                assertThat(update.manifest().headConfidence().get(UPPER).get(place))
                        .isEqualTo(confidence.score(1, head))
                        .isBetween(0.0, 1.0);
            }
        }
    }

    @ParameterizedTest(name = "assignment {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void theSameAssignmentGivesTheSameBytesAloneAndBesideOthers(int number) throws Exception {
        HeadPlan plan = plan(Ranking.GLOBAL, Score.RANDOM, Mode.REMOVE);
        Assignment.Train train = TinyFederation.pruning(train(number), TinyFederation.LORA, plan);
        Assignment.Train other =
                TinyFederation.pruning(
                        train(number + 100),
                        TinyFederation.LORA,
                        plan(Ranking.PER_BLOCK, Score.CONFIDENCE, Mode.FREEZE));
        byte[] alone = handedIn(train, "alone");

        try (ExecutorService crowd = Executors.newFixedThreadPool(3)) {
            Future<byte[]> first = crowd.submit(() -> handedIn(train, "first"));
            Future<byte[]> second = crowd.submit(() -> handedIn(other, "second"));
            Future<byte[]> third = crowd.submit(() -> handedIn(train(number), "third"));

            assertThat(first.get()).isEqualTo(alone);
            assertThat(second.get()).isEqualTo(handedIn(other, "fourth"));
            assertThat(third.get()).isEqualTo(handedIn(train(number), "fifth"));
        }
    }

    @Test
    void randomHeadsFollowTheSeed() throws Exception {
        HeadPlan plan = plan(Ranking.GLOBAL, Score.RANDOM, Mode.REMOVE);
        List<Map<String, List<Integer>>> drawn =
                Stream.of(1, 2, 3, 4, 5, 6)
                        .map(number ->
                                TinyFederation.pruning(train(number), TinyFederation.LORA, plan))
                        .map(this::headsOf)
                        .distinct()
                        .toList();

        assertThat(drawn).hasSizeGreaterThan(2);
    }

    @ParameterizedTest
    @EnumSource(Ranking.class)
    void aHeadThatHasToBeKeptIsKeptAndCounts(Ranking ranking) throws Exception {
        for (int head = 0; head < 4; head++) {
            HeadPlan plan =
                    TinyFederation.plan(
                            "0.75",
                            2,
                            ranking,
                            Score.CONFIDENCE,
                            Mode.REMOVE,
                            Map.of(LOWER, List.of(head)));
            Update update = update(TinyFederation.pruning(train(1), TinyFederation.LORA, plan));

            assertThat(update.heads().get(LOWER)).contains(head);
            assertThat(update.kept()).isEqualTo(2);
        }
    }

    @Test
    void whatTheAgentKeepsOfItsOwnIsTheReceivedAdapterWithItsHeadsInPlace() throws Exception {
        Update update =
                update(
                        TinyFederation.pruning(
                                train(1),
                                TinyFederation.LORA,
                                plan(Ranking.GLOBAL, Score.CONFIDENCE, Mode.REMOVE)));
        AdapterWeights own = bench.own(lastHome).find(train(1).job()).orElseThrow();
        AdapterWeights received = PeftFolder.read(folder.resolve("adapter")).weights();

        assertThat(own.shapes()).isEqualTo(received.shapes());
        assertThat(own).isNotEqualTo(received);
        assertThat(expected(update.manifest().scope(), own)).isEqualTo(update.values());
        AdapterPart kept = part(update, received);
        assertThat(kept.put(own, kept.taken(received))).as("all else").isEqualTo(received);
    }

    @Test
    void fewerHeadsCostLessAndScoringIsToldApart() throws Exception {
        Outcome.Trained dense = trained(train(2));
        Outcome.Trained pruned = pruned(Score.CONFIDENCE, Mode.REMOVE);
        Outcome.Trained frozen = pruned(Score.CONFIDENCE, Mode.FREEZE);
        Outcome.Trained ranked = pruned(Score.IMPORTANCE, Mode.REMOVE);

        assertThat(dense.cost().scoringMacs()).isZero();
        assertThat(pruned.cost().attentionMacs()).isLessThan(dense.cost().attentionMacs() / 3);
        assertThat(pruned.cost().attentionMacsDenseOutput())
                .isBetween(pruned.cost().attentionMacs(), dense.cost().attentionMacs());
        assertThat(frozen.cost().macs()).isEqualTo(dense.cost().macs());
        assertThat(ranked.cost().macs()).isLessThan(dense.cost().macs());
        assertThat(ranked.cost().scoringMacs())
                .as("forward for confidence; forward and backward for importance")
                .isGreaterThan(2 * pruned.cost().scoringMacs());
    }

    private Outcome.Trained pruned(Score score, Mode mode) throws Exception {
        return trained(
                TinyFederation.pruning(
                        train(2), TinyFederation.LORA, plan(Ranking.GLOBAL, score, mode)));
    }

    @Test
    void aModelThatWritesLosesHeadsOfEncoderDecoderAndCrossAttention() throws Exception {
        Path letters = folder.resolve("letters.csv");
        Files.writeString(letters, "text,target\nlunch at one,see you\nmoney now,buy\n".repeat(6));
        bench.read(letters, "task", "TEXT_TO_TEXT");
        HeadPlan plan =
                TinyFederation.plan(
                        "0.9", 3, Ranking.GLOBAL, Score.CONFIDENCE, Mode.REMOVE, Map.of());
        Assignment.Train train =
                TinyFederation.pruning(
                        TinyFederation.writingTrain(1, 2), TinyFederation.LORA, plan);
        UpdateManifest manifest = manifest(handedIn(train, "home"));

        assertThat(manifest.scope().heads()).hasSize(6);
        assertThat(manifest.scope().heads().values().stream().mapToInt(List::size).sum())
                .isEqualTo(3);
        assertThat(manifest.headConfidence().keySet()).isEqualTo(manifest.scope().heads().keySet());
    }

    @Test
    void aPlanThatMakesNoSenseIsRefusedByName() throws Exception {
        assertThat(reason(TinyFederation.LORA, "0.75", 2, Map.of("nowhere", List.of(1))))
                .contains("there is no attention block [nowhere]");
        assertThat(reason(TinyFederation.LORA, "0.75", 2, Map.of(LOWER, List.of(4))))
                .contains(LOWER + " has no head 4");
        assertThat(reason(TinyFederation.LORA, "0.5", 3, Map.of()))
                .contains("ask for 4 heads, 3 are allowed");
        Assignment.Train train = train(1);
        assertThat(
                        failure(
                                new Assignment.Train(
                                        train.id(),
                                        train.job(),
                                        train.round(),
                                        train.roundNumber(),
                                        train.data(),
                                        train.task(),
                                        train.base(),
                                        train.adapter(),
                                        train.adapterSpec(),
                                        train.training(),
                                        new Scope(Map.of(LOWER, List.of(1)), null),
                                        null,
                                        null,
                                        null,
                                        train.seed(),
                                        train.uploadToken(),
                                        train.deadline())))
                .contains("scope.heads");
    }

    private String reason(
            AdapterSpec lora, String sparsity, int atMost, Map<String, List<Integer>> forced)
            throws Exception {
        return failure(
                TinyFederation.pruning(
                        train(1),
                        lora,
                        TinyFederation.plan(
                                sparsity,
                                atMost,
                                Ranking.GLOBAL,
                                Score.CONFIDENCE,
                                Mode.REMOVE,
                                forced)));
    }

    private String failure(Assignment.Train train) throws Exception {
        return ((Outcome.Failed) perform(train, "home", new MemoryAggregation())).reason();
    }

    private static Assignment.Train train(int number) {
        return TinyFederation.train(number, 2);
    }

    private static HeadPlan plan(Ranking ranking, Score score, Mode mode) {
        return TinyFederation.plan("0.75", 2, ranking, score, mode, Map.of());
    }

    private Map<String, List<Integer>> headsOf(Assignment.Train train) {
        try {
            return update(train).heads();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Update update(Assignment.Train train) throws Exception {
        byte[] bytes = handedIn(train, "home");
        return new Update(manifest(bytes), values(bytes));
    }

    private byte[] handedIn(Assignment.Train train, String home) throws Exception {
        MemoryAggregation fresh = new MemoryAggregation();
        assertThat(perform(train, home, fresh)).isInstanceOf(Outcome.Trained.class);
        return fresh.update(train.round(), ADA);
    }

    private Outcome.Trained trained(Assignment.Train train) throws Exception {
        return (Outcome.Trained) perform(train, "home", new MemoryAggregation());
    }

    /** In a home that nobody has lived in. */
    private Outcome perform(Assignment.Train train, String home, MemoryAggregation to)
            throws Exception {
        Path fresh = Files.createTempDirectory(folder, home).resolve("home");
        lastHome = fresh;
        return bench.agent(fresh, () -> 0, to).perform(train, new StillHeart()).orElseThrow();
    }

    private UpdateManifest manifest(byte[] update) throws IOException {
        Path file = Files.write(folder.resolve("read"), update);
        try (UpdateFile read = UpdateFile.open(file)) {
            return JsonMapper.shared()
                    .readValue(
                            read.metadata().get(UpdateManifest.METADATA_KEY), UpdateManifest.class);
        }
    }

    /** Packed values by name, as bits. */
    private Map<String, String> values(byte[] update) throws IOException {
        Path file = Files.write(folder.resolve("read"), update);
        Map<String, String> values = new TreeMap<>();
        try (UpdateFile read = UpdateFile.open(file)) {
            for (String name : read.tensorNames()) {
                AdapterTensor tensor = layout().tensor(name).orElseThrow();
                MaskedTensor part = read.tensor(name, shape(tensor));
                float[] packed = new float[(int) part.valueCount()];
                part.readValues(0, packed, 0, packed.length);
                values.put(name, Arrays.toString(packed));
            }
        }
        return values;
    }

    /** What the protocol says an update of that scope holds of an adapter. */
    private static Map<String, String> expected(Scope scope, AdapterWeights whole)
            throws IOException {
        Map<String, String> values = new TreeMap<>();
        for (AdapterTensor tensor : layout().tensors()) {
            AdapterLayout.Part part = layout().part(tensor, scope);
            if (part.isEmpty()) {
                continue;
            }
            int width = tensor.shape().size() == 1 ? 1 : tensor.shape().get(1);
            StringBuilder text = new StringBuilder();
            float[] all = whole.values(tensor.name());
            for (int i = 0; i < all.length; i++) {
                boolean row = part.rows() == null || part.rows().contains(i / width);
                boolean column = part.columns() == null || part.columns().contains(i % width);
                if (row && column) {
                    text.append(text.isEmpty() ? "" : ", ").append(all[i]);
                }
            }
            values.put(tensor.name(), "[" + text + "]");
        }
        return values;
    }

    private static AdapterLayout layout() throws IOException {
        return AdapterLayout.of(
                TinyFederation.base().structure(), TinyFederation.LORA, TinyFederation.TASK);
    }

    private static Shape shape(AdapterTensor tensor) {
        return Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    }

    private AdapterPart part(Update update, AdapterWeights received) throws IOException {
        try (BaseModel base = BaseModel.load(TinyFederation.MODEL)) {
            HeadMask mask = HeadNames.mask(base.structure(), update.heads());
            AdapterSettings settings = PeftFolder.read(folder.resolve("adapter")).settings();
            return AdapterPart.ofHeads(ModelHeads.kept(base.structure(), mask), settings);
        }
    }

    private HeadScores confidence(BaseModel base, PeftFolder adapter) throws IOException {
        List<Example> drawn = drawn(base);
        return new HeadConfidence(base, ConfidenceSettings.defaults(), base.textEnds(), 4)
                .measure(
                        adapter.settings(),
                        adapter.weights(),
                        drawn.stream().map(Example::tokens).toList());
    }

    /** The rows that heads are scored on: 12, drawn as those to train on are. */
    private List<Example> drawn(BaseModel base) throws IOException {
        int[] numbers = new int[ROWS];
        Arrays.setAll(numbers, i -> i);
        java.util.Random chance = new java.util.Random(train(1).seed());
        for (int i = 0; i < 12; i++) {
            int j = i + chance.nextInt(ROWS - i);
            int kept = numbers[j];
            numbers[j] = numbers[i];
            numbers[i] = kept;
        }
        List<Example> all = examples(base);
        return Arrays.stream(numbers).limit(12).sorted().mapToObj(all::get).toList();
    }

    private AdapterWeights trained(BaseModel base, PeftFolder adapter, HeadMask kept, Mode mode) {
        AdapterPart part =
                AdapterPart.ofHeads(ModelHeads.kept(base.structure(), kept), adapter.settings());
        var settings = TaskRules.training(train(1).training(), train(1).seed());
        if (mode == Mode.FREEZE) {
            var trainer = new ClassificationTrainer(base, adapter.settings(), settings, part);
            try (TrainingRun run = trainer.begin(adapter.weights(), examples(base))) {
                return ended(run);
            }
        }
        try (BaseModel smaller = base.keeping(kept)) {
            var trainer = new ClassificationTrainer(smaller, adapter.settings(), settings);
            try (TrainingRun run = trainer.begin(part.taken(adapter.weights()), examples(base))) {
                return part.put(adapter.weights(), ended(run));
            }
        }
    }

    private static AdapterWeights ended(TrainingRun run) {
        while (!run.isDone()) {
            run.step();
        }
        return run.weights();
    }

    private List<Example> examples(BaseModel base) {
        try {
            return Files.readAllLines(mail).stream()
                    .skip(1)
                    .map(row -> row.split(","))
                    .map(row ->
                            new Example(
                                    base.tokenizer().encode(row[0], 16),
                                    row[1].equals("spam") ? 1 : 0))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
