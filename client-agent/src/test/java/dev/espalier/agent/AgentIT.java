package dev.espalier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import dev.espalier.protocol.work.RankPlan;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AgentIT {

    private static final String CANARY = "canary";

    @TempDir private Path folder;

    private FakePlatform platform;
    private ConfigurableApplicationContext agents;

    @BeforeEach
    void open() throws IOException {
        Path adapter = folder.resolve("adapter");
        platform =
                new FakePlatform()
                        .with(TinyFederation.base(), TinyFederation.MODEL)
                        .with(TinyFederation.adapter(adapter), adapter);
        TinyFederation.mail(folder.resolve("ada.csv"), 40, 1);
        TinyFederation.mail(folder.resolve("bob.csv"), 40, 2);
    }

    @AfterEach
    void close() {
        if (agents != null) {
            agents.close();
        }
        platform.close();
    }

    @Test
    void severalAgentsTrainHandInAndEvaluateOnOneLoadedModel() throws Exception {
        start(
                "espalier.agents[1].name=bob",
                "espalier.agents[1].roles=TRAIN,EVALUATE",
                "espalier.agents[1].uplink=2MB",
                "espalier.agents[1].data[0].name=mail",
                "espalier.agents[1].data[0].path=" + folder.resolve("bob.csv"),
                "espalier.agents[1].data[0].held-out.share=0.3");
        Assignment.Train train = TinyFederation.train(1, 2);
        platform.assign("ada", train);
        platform.assign("bob", train);
        Assignment.Evaluate evaluate = TinyFederation.evaluate(2);
        platform.assign("bob", evaluate);

        assertThat(platform.outcome("ada", train.id())).isInstanceOf(Outcome.Trained.class);
        assertThat(platform.outcome("bob", train.id())).isInstanceOf(Outcome.Trained.class);
        Outcome.Evaluated evaluated = (Outcome.Evaluated) platform.outcome("bob", evaluate.id());

        assertThat(evaluated.examples()).isBetween(1L, 39L);
        assertThat(evaluated.loss()).isPositive();
        assertThat(agents.getBean(AgentParts.class).models().loads()).isEqualTo(1);
        assertThat(platform.everythingSaid()).contains("\"uplinkBytesPerSecond\":2097152");
        assertThat(platform.blobBytes()).as("each blob once").isEqualTo(bytesOfAllVersions());
    }

    @Test
    void anUpdateHoldsExactlyTheTensorsOfTheLayoutAndTheManifest() throws Exception {
        start();
        Assignment.Train train = TinyFederation.train(1, 2);
        platform.assign("ada", train);
        Outcome.Trained trained = (Outcome.Trained) platform.outcome("ada", train.id());

        byte[] update = platform.update(train, "ada");
        Path file = Files.write(folder.resolve("update"), update);
        AdapterLayout layout =
                AdapterLayout.of(
                        TinyFederation.base().structure(),
                        train.adapterSpec(),
                        TinyFederation.TASK);
        try (UpdateFile read = UpdateFile.open(file)) {
            assertThat(read.tensorNames())
                    .containsExactlyElementsOf(
                            layout.tensors().stream().map(AdapterTensor::name).toList());
            UpdateManifest manifest =
                    JsonMapper.shared()
                            .readValue(
                                    read.metadata().get(UpdateManifest.METADATA_KEY),
                                    UpdateManifest.class);
            assertThat(manifest.examples()).isEqualTo(40);
            assertThat(manifest.steps()).isEqualTo(20);
            assertThat(manifest.parent()).isEqualTo(TinyFederation.ADAPTER);
            assertThat(manifest.lossAfter()).isPositive();
        }
        assertThat(trained.digest()).isEqualTo(Digest.of(update));
        assertThat(trained.bytesDown()).isEqualTo(bytesOfAllVersions());
        assertThat(trained.baseBytesDown()).isEqualTo(TinyFederation.base().bytes());
        assertThat(trained.trainSeconds()).isPositive();
    }

    @Test
    void whatCannotBeDoneIsToldWithItsReason() throws Exception {
        start();
        Assignment.Train whole = TinyFederation.train(1, 1);
        Assignment.Train heads = with(whole, new Scope(Map.of("block", List.of(0)), null), "mail");
        platform.assign("ada", heads);

        assertThat(((Outcome.Failed) platform.outcome("ada", heads.id())).reason())
                .contains("scope.heads");

        Assignment.Train other = with(TinyFederation.train(2, 1), Scope.whole(), "letters");
        platform.assign("ada", other);

        assertThat(((Outcome.Failed) platform.outcome("ada", other.id())).reason())
                .contains("letters");
    }

    @Test
    void aServiceThatIsNotWellIsAskedAgain() throws Exception {
        platform.failNext(3);
        start();
        Assignment.Train train = TinyFederation.train(1, 1);
        platform.assign("ada", train);
        platform.failNext(3);

        assertThat(platform.outcome("ada", train.id())).isInstanceOf(Outcome.Trained.class);
    }

    @Test
    void stopEndsTheWorkAndTheNextOneIsTaken() throws Exception {
        start();
        Assignment.Train endless = TinyFederation.train(1, 1000);
        platform.assign("ada", endless);
        platform.awaitProgress("ada", endless.id(), p -> p.stage() == Progress.Stage.TRAINING);
        platform.stop(endless.id());
        Assignment.Train next = TinyFederation.train(2, 1);
        platform.assign("ada", next);

        assertThat(platform.outcome("ada", next.id())).isInstanceOf(Outcome.Trained.class);
        assertThat(platform.update(endless, "ada")).isNull();
    }

    @Test
    void nothingTheOwnerWroteLeavesTheHouse(CapturedOutput output) throws Exception {
        Path mail = folder.resolve("ada.csv");
        Files.writeString(
                mail,
                Files.readString(mail)
                        + "canary\n\"canary,ham\ncanary prize,spam\ncanary lunch,ham\n");
        start();
        Assignment.Train train = TinyFederation.train(1, 1);
        platform.assign("ada", train);
        Outcome outcome = platform.outcome("ada", train.id());

        assertThat(outcome).isInstanceOf(Outcome.Trained.class);
        assertThat(output).contains("too few columns (1, at 42)").doesNotContain(CANARY);
        assertThat(platform.everythingSaid()).doesNotContain(CANARY);
        assertThat(new String(platform.update(train, "ada"), "ISO-8859-1")).doesNotContain(CANARY);
    }

    @Test
    void neitherPairsNorTextsToWriteLeaveTheHouse(CapturedOutput output) throws Exception {
        Path pairs = folder.resolve("pairs.csv");
        Files.writeString(
                pairs,
                "text,b,label\n"
                        + "lunch,canary money,ham\nwin,prize canary,spam\ncanary,,ham\n".repeat(4));
        Path letters = folder.resolve("letters.csv");
        Files.writeString(
                letters, "text,target\n" + "canary lunch,see the canary\nmoney now,\n".repeat(4));
        Path writer = folder.resolve("writer");
        platform.with(TinyFederation.writingBase(), TinyFederation.WRITING_MODEL)
                .with(TinyFederation.writingAdapter(writer), writer);
        start(
                "espalier.agents[0].data[0].path=" + pairs,
                "espalier.agents[0].data[0].columns.second-text=b",
                "espalier.agents[0].data[0].max-bad-rows=1",
                "espalier.agents[1].name=bob",
                "espalier.agents[1].data[0].name=mail",
                "espalier.agents[1].data[0].task=TEXT_TO_TEXT",
                "espalier.agents[1].data[0].path=" + letters,
                "espalier.agents[1].data[0].held-out.path=" + letters,
                "espalier.agents[1].data[0].max-bad-rows=1");
        Assignment.Train train = TinyFederation.train(1, 1);
        platform.assign("ada", train);
        Assignment.Score score = TinyFederation.score(2, 10, true);
        platform.assign("ada", score);
        Assignment.Train write = TinyFederation.writingTrain(3, 1);
        platform.assign("bob", write);
        Assignment.Evaluate judge =
                TinyFederation.writingEvaluate(4, TinyFederation.WRITING_ADAPTER);
        platform.assign("bob", judge);

        assertThat(platform.outcome("ada", train.id())).isInstanceOf(Outcome.Trained.class);
        assertThat(((Outcome.Scored) platform.outcome("ada", score.id())).ownLoss()).isNotNull();
        assertThat(platform.outcome("bob", write.id())).isInstanceOf(Outcome.Trained.class);
        assertThat(((Outcome.Evaluated) platform.outcome("bob", judge.id())).bleu()).isNotNull();
        assertThat(output).contains("no text to write (4").doesNotContain(CANARY);
        assertThat(platform.everythingSaid()).doesNotContain(CANARY);
        assertThat(new String(platform.update(train, "ada"), "ISO-8859-1")).doesNotContain(CANARY);
        assertThat(new String(platform.update(write, "bob"), "ISO-8859-1")).doesNotContain(CANARY);
    }

    @Test
    void whatIsPrunedOfABaseLeavesTheHouseAsMasksAlone(CapturedOutput output) throws Exception {
        Path mail = folder.resolve("ada.csv");
        Files.writeString(mail, Files.readString(mail) + "canary lunch,ham\n".repeat(5));
        start();
        Assignment.Prune prune = TinyFederation.prune(1, List.of(1), new BigDecimal("0.5"));
        platform.assign("ada", prune);
        Assignment.Prune senseless = TinyFederation.prune(2, List.of(9), new BigDecimal("0.5"));
        platform.assign("ada", senseless);

        Outcome.Pruned pruned = (Outcome.Pruned) platform.outcome("ada", prune.id());
        byte[] update = platform.update(prune, "ada");
        assertThat(pruned.digest()).isEqualTo(Digest.of(update));
        assertThat(pruned.bytesDown()).isEqualTo(TinyFederation.base().bytes());
        assertThat(pruned.pruneSeconds()).isPositive();
        assertThat(pruned.cost().macs()).isPositive();
        Path file = Files.write(folder.resolve("update"), update);
        try (UpdateFile read = UpdateFile.open(file)) {
            List<ModelStructure.Linear> linears =
                    TinyFederation.base().structure().linearsOf(List.of(1));
            assertThat(read.tensorNames())
                    .containsExactlyInAnyOrderElementsOf(
                            linears.stream().map(ModelStructure.Linear::weight).toList());
            for (ModelStructure.Linear linear : linears) {
                long rowsLeft = (linear.in() + 1) / 2;
                assertThat(
                                read.tensor(linear.weight(), Shape.of(linear.out(), linear.in()))
                                        .valueCount())
                        .isEqualTo(linear.out() * rowsLeft);
                assertThat(read.valueType(linear.weight())).isEmpty();
            }
            PruningManifest manifest =
                    JsonMapper.shared()
                            .readValue(
                                    read.metadata().get(PruningManifest.METADATA_KEY),
                                    PruningManifest.class);
            assertThat(manifest.examples()).isEqualTo(45);
            assertThat(manifest.calibrationSamples()).isEqualTo(45);
            assertThat(manifest.pruneSeconds()).isEqualTo(pruned.pruneSeconds());
        }
        assertThat(((Outcome.Failed) platform.outcome("ada", senseless.id())).reason())
                .contains("layers must be some of 0 to 1");
        assertThat(output).contains("pruning done").doesNotContain(CANARY);
        assertThat(platform.everythingSaid()).doesNotContain(CANARY);
        assertThat(new String(update, "ISO-8859-1")).doesNotContain(CANARY);
    }

    @Test
    void aRoundWithFewerHeadsIsSmallerAndNamesThem() throws Exception {
        start();
        Assignment.Train dense = TinyFederation.train(1, 1);
        platform.assign("ada", dense);
        platform.outcome("ada", dense.id());
        Assignment.Train pruned =
                TinyFederation.pruning(
                        TinyFederation.train(2, 1),
                        TinyFederation.LORA,
                        TinyFederation.plan(
                                "0.75",
                                2,
                                HeadPruningSpec.Ranking.GLOBAL,
                                HeadPruningSpec.Score.CONFIDENCE,
                                HeadPruningSpec.Mode.REMOVE,
                                Map.of()));
        platform.assign("ada", pruned);
        Outcome.Trained outcome = (Outcome.Trained) platform.outcome("ada", pruned.id());

        assertThat(outcome.trainSeconds()).isPositive();
        assertThat(outcome.cost().scoringMacs()).isPositive();
        byte[] update = platform.update(pruned, "ada");
        assertThat(update).hasSizeLessThan(platform.update(dense, "ada").length);
        try (UpdateFile read = UpdateFile.open(Files.write(folder.resolve("update"), update))) {
            UpdateManifest manifest =
                    JsonMapper.shared()
                            .readValue(
                                    read.metadata().get(UpdateManifest.METADATA_KEY),
                                    UpdateManifest.class);
            assertThat(manifest.scope().heads()).hasSize(2);
            assertThat(manifest.headConfidence()).hasSize(2);
        }
    }

    @Test
    void aRoundWithFewComponentsAndFewBitsIsSmallerAndSaysWhich() throws Exception {
        start();
        Assignment.Train dense = TinyFederation.train(1, 1);
        platform.assign("ada", dense);
        platform.outcome("ada", dense.id());
        Map<String, List<Integer>> components = new TreeMap<>();
        for (int layer = 0; layer < 2; layer++) {
            String attention = "bert.encoder.layer." + layer + ".attention.self.";
            components.put(attention + "query", List.of(layer));
            components.put(attention + "value", List.of(3));
        }
        Assignment.Train small =
                TinyFederation.ranked(
                        TinyFederation.train(2, 1),
                        TinyFederation.ADAPTER,
                        new Scope(null, components),
                        null,
                        new RankPlan(
                                1,
                                true,
                                new ImportanceSpec(
                                        null, ImportanceSpec.Source.CLIENT_GRADIENT, null, null)),
                        new UploadPlan(8, null));
        platform.assign("ada", small);
        Outcome.Trained outcome = (Outcome.Trained) platform.outcome("ada", small.id());

        assertThat(outcome.cost().macs())
                .isLessThan(((Outcome.Trained) platform.outcome("ada", dense.id())).cost().macs());
        byte[] update = platform.update(small, "ada");
        assertThat(update).hasSizeLessThan(platform.update(dense, "ada").length);
        try (UpdateFile read = UpdateFile.open(Files.write(folder.resolve("update"), update))) {
            UpdateManifest manifest =
                    JsonMapper.shared()
                            .readValue(
                                    read.metadata().get(UpdateManifest.METADATA_KEY),
                                    UpdateManifest.class);
            assertThat(manifest.scope().components()).isEqualTo(components);
            assertThat(manifest.componentScores()).containsOnlyKeys(components.keySet());
            assertThat(manifest.quantisation().bits().values()).allMatch(List.of(8)::equals);
            assertThat(manifest.quantisation().error()).isBetween(0.0, 0.01);
        }
    }

    @Test
    void dataThatCannotBeUsedIsExplainedAtTheStart(CapturedOutput output) throws Exception {
        Files.writeString(folder.resolve("ada.csv"), "canary,ham\ncanary,spam\n");

        assertThatThrownBy(this::start).hasStackTraceContaining("none is 'text'");
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Set 'columns.text'")
                .doesNotContain(CANARY);
    }

    @Test
    void aNameThatIsTakenIsExplained(CapturedOutput output) throws Exception {
        platform.enrolSomebodyElseAs(new AgentName("ada"));
        start();
        String health = null;
        while (health == null || !health.contains("DOWN")) {
            health = get("/actuator/health");
        }

        assertThat(output).contains("another secret").contains("DELETE /api/v1/agents/ada");
    }

    @Test
    void theSecretIsForTheOwnerAloneAndStaysTheSame() throws Exception {
        start();
        Path secret = folder.resolve("home/agents/ada/secret");
        String first = Files.readString(secret);
        agents.close();
        start();

        assertThat(Files.readString(secret)).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                .isEqualTo("rw-------");
    }

    @Test
    void healthAndMetricsAreThere() throws Exception {
        start();

        assertThat(get("/actuator/health/liveness")).contains("UP");
        assertThat(get("/actuator/health/readiness")).contains("UP");
        assertThat(get("/actuator/prometheus")).contains("jvm_memory");
    }

    @Test
    void anAgentKilledInMidTrainingGoesOnAndEndsInTheSameTensors() throws Exception {
        Assignment.Train train = TinyFederation.train(1, 60); // 600 steps
        start("espalier.agents[0].name=reference");
        platform.assign("reference", train);
        platform.outcome("reference", train.id());
        agents.close();

        Process victim = startProcess();
        platform.assign("ada", train);
        platform.awaitProgress("ada", train.id(), p -> p.step() > 20 && p.step() < 580);
        victim.destroyForcibly().waitFor();
        assertThat(platform.update(train, "ada")).as("it was in mid-training").isNull();
        Process successor = startProcess();
        Outcome outcome = platform.outcome("ada", train.id());
        successor.destroy();
        successor.waitFor();

        assertThat(outcome).isInstanceOf(Outcome.Trained.class);
        assertThat(tensors(platform.update(train, "ada")))
                .isEqualTo(tensors(platform.update(train, "reference")));
        assertThat(Files.readString(folder.resolve("process.log"))).contains("training resumed");
    }

    private void start(String... more) {
        agents = AgentApplication.application().run(settings(more).toArray(String[]::new));
    }

    private Process startProcess() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Xmx256m");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(AgentApplication.class.getName());
        command.addAll(settings());
        File log = folder.resolve("process.log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private List<String> settings(String... more) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("server.port", "0");
        settings.put("management.endpoint.health.show-details", "always");
        settings.put("espalier.home", folder.resolve("home/agents").toString());
        settings.put("espalier.orchestrator.url", platform.url().toString());
        settings.put("espalier.registry.url", platform.url().toString());
        settings.put("espalier.aggregation.url", platform.url().toString());
        settings.put("espalier.poll.wait-up-to", "1s");
        settings.put("espalier.poll.heartbeat", "20ms");
        settings.put("espalier.retry.first", "10ms");
        settings.put("espalier.training.checkpoint-every", "50ms");
        settings.put("espalier.agents[0].name", "ada");
        settings.put("espalier.agents[0].data[0].name", "mail");
        settings.put("espalier.agents[0].data[0].path", folder.resolve("ada.csv").toString());
        settings.put("espalier.agents[0].data[0].max-bad-rows", "0.2");
        for (String setting : more) {
            settings.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        return settings.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toList();
    }

    private String get(String path) throws Exception {
        String port = agents.getEnvironment().getProperty("local.server.port");
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private Map<String, float[]> read(byte[] update) throws IOException {
        Path file = Files.write(folder.resolve("read"), update);
        Map<String, float[]> values = new TreeMap<>();
        AdapterLayout layout =
                AdapterLayout.of(
                        TinyFederation.base().structure(),
                        TinyFederation.LORA,
                        TinyFederation.TASK);
        try (UpdateFile read = UpdateFile.open(file)) {
            for (AdapterTensor tensor : layout.tensors()) {
                float[] floats = new float[(int) tensor.elements()];
                long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
                read.tensor(tensor.name(), Shape.of(shape)).readValues(0, floats, 0, floats.length);
                values.put(tensor.name(), floats);
            }
        }
        return values;
    }

    /** Values by name, as bits. */
    private Map<String, String> tensors(byte[] update) throws IOException {
        Map<String, String> bits = new TreeMap<>();
        read(update).forEach((name, values) -> bits.put(name, Arrays.toString(values)));
        return bits;
    }

    private long bytesOfAllVersions() throws IOException {
        return TinyFederation.base().bytes()
                + TinyFederation.adapter(folder.resolve("adapter")).bytes();
    }

    private static Assignment.Train with(Assignment.Train like, Scope scope, String data) {
        return new Assignment.Train(
                like.id(),
                like.job(),
                like.round(),
                like.roundNumber(),
                new DataName(data),
                like.task(),
                like.base(),
                like.adapter(),
                like.adapterSpec(),
                like.training(),
                scope,
                like.heads(),
                null,
                null,
                like.seed(),
                like.uploadToken(),
                like.deadline());
    }
}
