package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.model.Versions;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.train.LanguageModelEvaluator;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.HeadPruningSpec.Mode;
import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import dev.espalier.protocol.job.HeadPruningSpec.Score;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.model.ModelStructure;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** Texts continued, with a tiny LLaMA whose four heads share two of keys and values. */
class ContinuationWorkTest {

    private static final Path MODEL = Path.of("src/test/resources/tiny-llama");
    private static final VersionRef BASE = VersionRef.parse("tiny-llama@1");
    private static final VersionRef ADAPTER = VersionRef.parse("story-teller@1");
    private static final VersionRef TRAINED = VersionRef.parse("story-teller@2");
    private static final TaskSpec TASK = TaskSpec.languageModelling(12);
    private static final List<String> MODULES = List.of("q_proj", "k_proj", "v_proj", "o_proj");
    private static final AdapterSpec LORA = new AdapterSpec(4, 8.0, 0.0, MODULES);
    private static final int TOKENS = 1 + 5 * 120;

    @TempDir private Path folder;

    private final MemoryAggregation aggregation = new MemoryAggregation();
    private TestBench bench;
    private String text;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
        Path adapter = folder.resolve("teller");
        AdapterSettings settings =
                new AdapterSettings(4, 8, 0, new TargetModules.Names(MODULES), TaskHead.frozen());
        try (BaseModel base = BaseModel.load(MODEL)) {
            new PeftFolder(settings, base.freshAdapter(settings, 1))
                    .write(adapter, "tiny-llama", base.family());
        }
        bench.publish(Versions.base(BASE, MODEL), MODEL);
        bench.publish(ADAPTER, BASE, adapter);
        List<String> sentences = sentences();
        text = String.join("\n\n", sentences);
        Path file = folder.resolve("stories.tsv");
        Files.writeString(file, "text\n" + String.join("\n", sentences) + "\n");
        bench.read(file, "task", "CAUSAL_LANGUAGE_MODELLING", "held-out.path", file.toString());
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    @Test
    void itLearnsToContinue() throws Exception {
        Outcome.Evaluated before = evaluated(ADAPTER);
        Outcome.Trained trained = (Outcome.Trained) perform(train(1, 10, null));
        publishTrained();
        Outcome.Evaluated after = evaluated(TRAINED);

        assertThat(after.loss()).isLessThan(0.8 * before.loss());
        assertThat(after.perplexity()).isCloseTo(Math.exp(after.loss()), within(1e-9));
        assertThat(after.examples()).isEqualTo(TOKENS / 12);
        assertThat(after.tokens()).isEqualTo(TOKENS / 12 * 11);
        assertThat(after.accuracy()).isNull();
        assertThat(after.bleu()).isNull();
        assertThat(trained.cost().macs()).isPositive();
        assertThat(manifest(1).examples()).isEqualTo(TOKENS / 12);
    }

    @Test
    void perplexityIsThatOfTheJoinedTextInWindows() throws Exception {
        Outcome.Evaluated found = evaluated(ADAPTER);

        PeftFolder adapter = PeftFolder.read(folder.resolve("teller"));
        try (BaseModel base = BaseModel.load(MODEL)) {
            LanguageEvaluation whole =
                    new LanguageModelEvaluator(base, 1)
                            .evaluate(
                                    adapter.settings(),
                                    adapter.weights(),
                                    LanguageExample.windows(
                                            base.tokenizer().encode(text).ids(), 12));
            assertThat(found.loss()).isCloseTo(whole.loss(), within(1e-6));
            assertThat(found.tokens()).isEqualTo(whole.predictions());
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aHeadIsUploadedWithTheKeysAndValuesThatItShares(Mode mode) throws Exception {
        HeadPlan plan =
                TinyFederation.plan("0.5", 4, Ranking.GLOBAL, Score.CONFIDENCE, mode, Map.of());
        Outcome.Trained trained = (Outcome.Trained) perform(train(1, 2, plan));
        Outcome.Trained dense = (Outcome.Trained) perform(train(2, 2, null));

        Scope scope = manifest(1).scope();
        assertThat(scope.heads().values().stream().mapToInt(List::size).sum()).isEqualTo(4);
        AdapterLayout layout = AdapterLayout.of(structure(), LORA, TASK);
        assertThat(uploaded(1, layout)).isEqualTo(wanted(layout, scope));
        if (mode == Mode.REMOVE) { // what is only frozen is computed all the same
            assertThat(trained.cost().attentionMacs()).isLessThan(dense.cost().attentionMacs());
        }
        assertThat(trained.cost().scoringMacs()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(Score.class)
    void headsAreRankedByAnyScore(Score score) throws Exception {
        HeadPlan plan = TinyFederation.plan("0.5", 4, Ranking.GLOBAL, score, Mode.REMOVE, Map.of());

        assertThat(perform(train(1, 1, plan))).isInstanceOf(Outcome.Trained.class);
    }

    @Test
    void itsLossIsScoredOnWindowsToTrainOn() throws Exception {
        perform(train(1, 5, null));
        Outcome.Scored scored = (Outcome.Scored) perform(score(2));

        assertThat(scored.examples()).isEqualTo(20);
        assertThat(scored.ownLoss()).isLessThan(scored.loss());
        assertThat(scored.cost().scoringMacs()).isPositive();
    }

    @Test
    void textsShorterThanAWindowAreSaidToBe() throws Exception {
        Path file = folder.resolve("short.tsv");
        Files.writeString(file, "text\nthe dog runs home .\n");
        bench.read(file, "task", "CAUSAL_LANGUAGE_MODELLING", "held-out.path", file.toString());

        for (Assignment short12 : List.of(train(1, 1, null), evaluate(2, ADAPTER), score(3))) {
            assertThat(((Outcome.Failed) perform(short12)).reason())
                    .contains("fewer tokens than one window of 12", "task.maxLength");
        }
    }

    @Test
    void anEncoderIsToldThatItDoesNotContinueTexts() throws Exception {
        Assignment.Evaluate encoder =
                TinyFederation.evaluate(1, TASK, TinyFederation.BASE, TinyFederation.ADAPTER);

        assertThat(((Outcome.Failed) perform(encoder)).reason())
                .isEqualTo("a bert model does not do CAUSAL_LANGUAGE_MODELLING");
    }

    private static List<String> sentences() {
        List<String> who = List.of("dog", "cat", "bird", "fox");
        List<String> does = List.of("runs", "sleeps", "sings", "hides");
        List<String> where = List.of("home", "away", "outside", "below");
        Random any = new Random(1);
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            int one = any.nextInt(4);
            sentences.add("the %s %s %s .".formatted(who.get(one), does.get(one), where.get(one)));
        }
        return sentences;
    }

    private ModelStructure structure() throws IOException {
        return Versions.base(BASE, MODEL).structure();
    }

    /** Places of each tensor that an update of that scope has, counted row by row. */
    private static Map<String, List<Integer>> wanted(AdapterLayout layout, Scope scope) {
        Map<String, List<Integer>> places = new TreeMap<>();
        for (AdapterTensor tensor : layout.tensors()) {
            AdapterLayout.Part part = layout.part(tensor, scope);
            int width = tensor.shape().getLast();
            if (!part.isEmpty()) {
                places.put(
                        tensor.name(),
                        places(tensor)
                                .filter(i -> part.rows() == null || part.rows().contains(i / width))
                                .filter(i ->
                                        part.columns() == null
                                                || part.columns().contains(i % width))
                                .boxed()
                                .toList());
            }
        }
        return places;
    }

    private Map<String, List<Integer>> uploaded(int number, AdapterLayout layout)
            throws IOException {
        Map<String, List<Integer>> places = new TreeMap<>();
        try (UpdateFile file = UpdateFile.open(update(number))) {
            for (String name : file.tensorNames()) {
                AdapterTensor tensor = layout.tensor(name).orElseThrow();
                MaskedTensor part = file.tensor(name, shape(tensor));
                places.put(name, places(tensor).filter(part::contributes).boxed().toList());
            }
        }
        return places;
    }

    private static IntStream places(AdapterTensor tensor) {
        return IntStream.range(0, (int) tensor.elements());
    }

    private static Shape shape(AdapterTensor tensor) {
        return Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    }

    /** Publishes what the first round handed in as an adapter. */
    private void publishTrained() throws IOException {
        AdapterWeights.Builder weights = AdapterWeights.builder();
        try (UpdateFile file = UpdateFile.open(update(1))) {
            for (AdapterTensor tensor : AdapterLayout.of(structure(), LORA, TASK).tensors()) {
                float[] values = new float[(int) tensor.elements()];
                file.tensor(tensor.name(), shape(tensor)).readValues(0, values, 0, values.length);
                weights.put(tensor.name(), shape(tensor), values);
            }
        }
        Path adapter = folder.resolve("trained");
        try (BaseModel base = BaseModel.load(MODEL)) {
            new PeftFolder(PeftFolder.read(folder.resolve("teller")).settings(), weights.build())
                    .write(adapter, "tiny-llama", base.family());
        }
        bench.publish(TRAINED, BASE, adapter);
    }

    private UpdateManifest manifest(int number) throws IOException {
        try (UpdateFile file = UpdateFile.open(update(number))) {
            return JsonMapper.shared()
                    .readValue(
                            file.metadata().get(UpdateManifest.METADATA_KEY), UpdateManifest.class);
        }
    }

    private Path update(int number) throws IOException {
        return Files.write(
                folder.resolve("update-" + number),
                aggregation.update(new RoundId(new UUID(3, number)), TestBench.ADA));
    }

    private Outcome.Evaluated evaluated(VersionRef adapter) throws Exception {
        return (Outcome.Evaluated) perform(evaluate(9, adapter));
    }

    private Outcome perform(Assignment assignment) throws Exception {
        return bench.agent(folder.resolve("home"), System::nanoTime, aggregation)
                .perform(assignment, new StillHeart())
                .orElseThrow();
    }

    private static Assignment.Train train(int number, int epochs, @Nullable HeadPlan plan) {
        return new Assignment.Train(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                TASK,
                BASE,
                ADAPTER,
                LORA,
                new TrainingSpec(epochs, 4, 0.02, null, null, null, null, null),
                Scope.whole(),
                plan,
                null,
                null,
                42 + number,
                TinyFederation.TOKEN,
                Instant.parse("2099-01-01T00:00:00Z"));
    }

    private static Assignment.Evaluate evaluate(int number, VersionRef adapter) {
        return new Assignment.Evaluate(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                TASK,
                BASE,
                adapter,
                LORA,
                Instant.parse("2099-01-01T00:00:00Z"));
    }

    private static Assignment.Score score(int number) {
        return new Assignment.Score(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                TASK,
                BASE,
                ADAPTER,
                LORA,
                20,
                true,
                42 + number,
                Instant.parse("2099-01-01T00:00:00Z"));
    }
}
