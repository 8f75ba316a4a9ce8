package dev.espalier.local.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.train.LanguageModelEvaluator;
import dev.espalier.local.base.BaseImport;
import dev.espalier.local.platform.Orchestrator;
import dev.espalier.local.platform.Registry;
import dev.espalier.postgres.testing.TestPostgres;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.PruningSpec;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A language model whose heads share keys and values, trained by the whole house: over real HTTP
 * and a real PostgreSQL, half of its heads pruned, measured by perplexity, published.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class LanguageModellingIT {

    private static final DataName STORIES = new DataName("stories");
    private static final ModelName BASE = new ModelName("tiny-llama");
    private static final int WINDOW = 16;
    private static final int ROUNDS = 2;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir static Path folder;

    private LocalFederation federation;
    private Path model;
    private VersionManifest base;

    @BeforeAll
    void startEverything() throws Exception {
        HomeFolder home = new HomeFolder(folder.resolve("home"));
        List<AgentPlan> agents =
                List.of(
                        agent("ada", AgentPlan.Work.TRAIN, 60, 1, home),
                        agent("bob", AgentPlan.Work.TRAIN, 40, 2, home),
                        agent("eve", AgentPlan.Work.EVALUATE, 30, 3, home),
                        agent("fay", AgentPlan.Work.EVALUATE, 10, 4, home));
        JdbcConnectionDetails fresh = TestPostgres.shared().freshDatabase();
        Database database =
                new Database(fresh.getJdbcUrl(), fresh.getUsername(), fresh.getPassword());
        FederationPlan plan = new FederationPlan(home, database, Ports.free(), agents, Map.of());
        federation = new LocalFederation(plan, new InThisJvm(), () -> {});
        federation.start(Part.values());
        model = TinyLlama.write(folder.resolve("tiny-llama"));
        base = BaseImport.publish(registry(), BASE, model);
    }

    @AfterAll
    void stopEverything() {
        federation.close();
    }

    @Test
    void anImportedDecoderIsRegisteredWithItsSharedHeads() {
        assertThat(base.structure()).isNotNull();
        assertThat(base.structure().family()).isEqualTo("llama");
        assertThat(base.structure().classificationHead()).isEmpty();
        assertThat(base.structure().attentionBlocks())
                .hasSize(2)
                .allSatisfy(block -> {
                    assertThat(block.heads()).isEqualTo(4);
                    assertThat(block.keyValueHeads()).isEqualTo(2);
                });
    }

    @Test
    void halfOfTheHeadsLearnToTellTheStories() throws Exception {
        JobView job = finished(job("half", 5, SelectionSpecs.everyone(), 0.5));
        List<RoundView> rounds = orchestrator().rounds(job.id());

        assertThat(rounds).hasSize(ROUNDS).allSatisfy(LanguageModellingIT::isPrunedAndMeasured);
        double before = Math.exp(heldOut(model).loss());
        assertThat(rounds.getFirst().evaluation().perplexity()).isLessThan(before);
        assertThat(rounds.getLast().evaluation().perplexity())
                .isLessThan(rounds.getFirst().evaluation().perplexity());
        assertThat(orchestrator().headMap(job.id()).rounds()).hasSize(ROUNDS);
        adapterIsOneOfALanguageModel(job.latest());
        mergedModelIsWhole(job.merged(), rounds.getLast().evaluation());
    }

    @Test
    void aCohortIsChosenByLossesOfLanguageModelling() throws Exception {
        JobView job = finished(job("chosen", 6, SelectionSpecs.largestLoss(), 0.25));

        assertThat(orchestrator().rounds(job.id()))
                .hasSize(ROUNDS)
                .allSatisfy(round -> {
                    assertThat(round.state()).isEqualTo(RoundState.COMPLETED);
                    assertThat(round.clients())
                            .singleElement()
                            .satisfies(client -> assertThat(client.lossBefore()).isPositive());
                });
    }

    private static void isPrunedAndMeasured(RoundView round) {
        assertThat(round.state()).as(round.reason()).isEqualTo(RoundState.COMPLETED);
        assertThat(round.clients())
                .hasSize(2)
                .allSatisfy(client -> {
                    assertThat(client.outcome()).isEqualTo(RoundView.ClientOutcome.ACCEPTED);
                    assertThat(client.keptHeads()).isEqualTo(4);
                    assertThat(client.cost().macs()).isPositive();
                    assertThat(client.cost().attentionMacs()).isPositive();
                    assertThat(client.cost().scoringMacs()).isPositive();
                });
        RoundView.Traffic traffic = round.traffic();
        assertThat(traffic.bytesUp()).isPositive().isLessThan(traffic.denseBytesUp());
        assertThat(traffic.taskHeadBytesUp()).isZero();
        assertThat(traffic.denseBytesDown()).isEqualTo(traffic.denseBytesUp());
        assertThat(traffic.bytesDown() - traffic.baseBytesDown())
                .isGreaterThanOrEqualTo(traffic.denseBytesDown());
        RoundView.Evaluation evaluation = round.evaluation();
        assertThat(evaluation.accuracy()).isNull();
        assertThat(evaluation.perplexity()).isCloseTo(Math.exp(evaluation.loss()), within(1e-9));
    }

    private void adapterIsOneOfALanguageModel(VersionRef adapter) throws Exception {
        Path files = folder.resolve("adapter");
        registry().fetch(adapter, files);

        JsonNode config = json(files.resolve("adapter_config.json"));
        assertThat(config.path("task_type").asString()).isEqualTo("CAUSAL_LM");
        assertThat(config.path("modules_to_save").isNull()).isTrue();
        assertThat(config.path("fan_in_fan_out").asBoolean()).isFalse();
        try (SafetensorsFile tensors =
                SafetensorsFile.open(files.resolve("adapter_model.safetensors"))) {
            assertThat(tensors.names()).hasSize(2 * 4 * 2).allMatch(name -> name.contains("lora"));
        }
    }

    /** What was measured over HTTP is measured again on the published folder. */
    private void mergedModelIsWhole(VersionRef merged, RoundView.Evaluation told) throws Exception {
        Path files = folder.resolve("merged");
        registry().fetch(merged, files);

        JsonNode config = json(files.resolve("config.json"));
        assertThat(config.path("architectures").get(0).asString()).isEqualTo("LlamaForCausalLM");
        assertThat(config.path("tie_word_embeddings").asBoolean()).isTrue();
        assertThat(config.has("id2label")).isFalse();
        try (SafetensorsFile tensors = SafetensorsFile.open(files.resolve("model.safetensors"));
                SafetensorsFile before = SafetensorsFile.open(model.resolve("model.safetensors"))) {
            assertThat(tensors.names()).isEqualTo(before.names());
        }
        LanguageEvaluation found = heldOut(files);
        assertThat(found.loss()).isCloseTo(told.loss(), within(1e-4));
        assertThat(found.predictions()).isEqualTo(told.examples() * (WINDOW - 1));
    }

    /** Both evaluating agents' texts, each cut into windows by itself. */
    private static LanguageEvaluation heldOut(Path huggingFaceFolder) throws IOException {
        try (BaseModel loaded = BaseModel.load(huggingFaceFolder)) {
            List<LanguageExample> windows =
                    Stream.of(TinyLlama.stories(30, 3), TinyLlama.stories(10, 4))
                            .map(texts -> String.join("\n\n", texts))
                            .map(text -> loaded.tokenizer().encode(text).ids())
                            .flatMap(ids -> LanguageExample.windows(ids, WINDOW).stream())
                            .toList();
            return new LanguageModelEvaluator(loaded, 8).evaluate(windows);
        }
    }

    private static AgentPlan agent(
            String name, AgentPlan.Work work, int stories, long seed, HomeFolder home)
            throws IOException {
        Path texts =
                TinyLlama.jsonLines(
                        home.data().resolve(name + ".jsonl"), TinyLlama.stories(stories, seed));
        return new AgentPlan(
                new AgentName(name), work, STORIES, texts, AgentPlan.Rows.RUNNING_TEXT);
    }

    /** Who takes part. */
    private static final class SelectionSpecs {

        static SelectionSpec everyone() {
            return new SelectionSpec.All();
        }

        static SelectionSpec largestLoss() {
            return JsonMapper.shared()
                    .readValue(
                            """
                            {"policy": "POWER_OF_CHOICE", "fraction": 0.5, "candidates": 1.0,
                             "scoring": {"samples": 20, "deadline": "PT1M"}}
                            """,
                            SelectionSpec.class);
        }
    }

    private JobSpecification job(String name, long seed, SelectionSpec selection, double sparsity) {
        return new JobSpecification(
                name,
                seed,
                new JobSpecification.ModelSpec(
                        ModelPointer.parse(base.ref().toString()), new ModelName(name)),
                STORIES,
                TaskSpec.languageModelling(WINDOW),
                List.of(
                        new PhaseSpec.FineTune(
                                ROUNDS,
                                selection,
                                new AdapterSpec(
                                        4,
                                        8.0,
                                        0.0,
                                        List.of("q_proj", "k_proj", "v_proj", "o_proj")),
                                new PruningSpec(heads(sparsity)),
                                null,
                                null,
                                new AggregationSpec.HeadWeighted(null, null),
                                new TrainingSpec(3, 4, 0.02, null, null, null, null, null),
                                Duration.ofMinutes(2),
                                1.0)),
                new EvaluationSpec(STORIES, 1, null, null),
                null);
    }

    private static HeadPruningSpec heads(double sparsity) {
        return new HeadPruningSpec(
                BigDecimal.valueOf(sparsity),
                null,
                null,
                HeadPruningSpec.Ranking.GLOBAL,
                null,
                HeadPruningSpec.Mode.REMOVE,
                null,
                16,
                null,
                null,
                null,
                null);
    }

    private JobView finished(JobSpecification job) throws Exception {
        JobView view = orchestrator().submit(job, job.name());
        while (!view.state().isFinal()) {
            Sleeper.real().sleep(Duration.ofMillis(100));
            view = orchestrator().job(view.id());
        }
        assertThat(view.state()).as(view.reason()).isEqualTo(JobState.COMPLETED);
        return view;
    }

    private static JsonNode json(Path file) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    private Orchestrator orchestrator() {
        return new Orchestrator(http, federation.url(Part.ORCHESTRATOR));
    }

    private Registry registry() {
        return new Registry(http, federation.url(Part.REGISTRY), Sleeper.real());
    }
}
