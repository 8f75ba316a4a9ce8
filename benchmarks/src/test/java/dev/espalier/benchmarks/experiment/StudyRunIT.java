package dev.espalier.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.benchmarks.report.StudyReport;
import dev.espalier.local.Opened;
import dev.espalier.local.display.Display;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.LocalFederation;
import dev.espalier.local.federation.Part;
import dev.espalier.local.federation.Ports;
import dev.espalier.local.federation.TinyBert;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.PruningSpec;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.work.Cost;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Three arms on a real federation: PostgreSQL, three services, agents, a tiny model. All texts are
 * of one length, so that bytes and operations can be told beforehand, from the formulas alone.
 */
@Timeout(300)
class StudyRunIT {

    // of the tiny model and its adapter: d, d_k, d_ff, r, and L of every text
    private static final int WIDTH = 16;
    private static final int HEAD = 8;
    private static final int HEADS = 2;
    private static final int INNER = 32;
    private static final int RANK = 2;
    private static final int LENGTH = 8;
    private static final int ADAPTED = 4;

    private static final int TEXTS = 16;
    private static final int CALIBRATION = 8;
    private static final int LOSSES = 8;
    private static final int ROUNDS = 3;

    @TempDir Path folder;

    private final List<String> said = new ArrayList<>();

    @Test
    void denseAndPrunedArmsCrossTheWholePlatformAndAreReadBackLater() throws Exception {
        HomeFolder home = new HomeFolder(folder.resolve("home"));
        Study study = study();
        try (Opened opened = Opened.folder(home)) {
            List<Run> runs = run(study, home, opened);
            List<Run> readBack = run(study, home, opened);

            StudyReport report = StudyReport.of(study, runs);
            assertThat(report.invalidBecause()).isEmpty();
            assertThat(report.arms().keySet()).containsExactly("dense", "removed", "frozen");
            assertThat(report.arms().values())
                    .allSatisfy(arm -> {
                        assertThat(arm.figures().rounds()).isEqualTo(ROUNDS);
                        assertThat(arm.figures().accuracy()).isBetween(0.0, 1.0);
                        assertThat(arm.figures().trainSeconds()).isPositive();
                        assertThat(arm.perSeed()).hasSize(1);
                    });
            assertThat(report.arms().get("frozen").perSeed().getFirst().cohorts())
                    .isEqualTo(report.arms().get("dense").perSeed().getFirst().cohorts());
            assertThat(StudyReport.of(study, readBack)).isEqualTo(report);
            assertThat(runs.get(0).heads()).isNull();
            assertUploaded(runs.get(0), denseBytes());
            assertUploaded(runs.get(1), 2 * blockBytes(1));
            assertUploaded(runs.get(2), blockBytes(0) + blockBytes(2));
            assertOneHeadOfEveryBlock(runs.get(1));
            assertHeadsOfTheLastBlock(runs.get(2));
            assertComputed(runs.get(0), denseCost(), false);
            assertComputed(runs.get(1), removedCost(), true);
            assertComputed(runs.get(2), frozenCost(), false);
            assertChosenByLoss(runs.get(1), selections(study, home, opened, runs.get(1)));
        }
    }

    /**
     * Every client's update, and their sum (algorithms.md D.6).
     *
     * @param adapter bytes of an update, without task head and scalars
     */
    private static void assertUploaded(Run run, long adapter) {
        long taskHead = (2 * WIDTH + 2) * Float.BYTES;
        long scalars = 2 * Long.BYTES; // examples, and the loss of the last epoch
        for (RoundView round : run.rounds()) {
            assertThat(round.clients())
                    .hasSize(2)
                    .allSatisfy(client -> {
                        assertThat(client.outcome()).isEqualTo(RoundView.ClientOutcome.ACCEPTED);
                        assertThat(client.taskHeadBytesUp()).isEqualTo(taskHead);
                        assertThat(client.bytesUp()).isEqualTo(adapter + taskHead + scalars);
                        assertThat(client.wireBytesUp()).isGreaterThan(client.bytesUp());
                    });
            assertThat(round.traffic().bytesUp()).isEqualTo(2 * (adapter + taskHead + scalars));
            assertThat(round.traffic().denseBytesUp()).isEqualTo(2 * (denseBytes() + taskHead));
        }
    }

    private static long denseBytes() {
        return 2L * ADAPTED * RANK * (WIDTH + WIDTH) * Float.BYTES;
    }

    /** Query, key, value and output of a block of which so many heads are kept, and their mask. */
    private static long blockBytes(int kept) {
        long mask = 1 + 4L * kept;
        return kept == 0
                ? mask
                : (long) ADAPTED * RANK * (WIDTH + kept * HEAD) * Float.BYTES + mask;
    }

    private static void assertOneHeadOfEveryBlock(Run run) {
        HeadMap map = Objects.requireNonNull(run.heads());
        assertThat(map.rounds()).hasSize(ROUNDS);
        for (HeadMap.Round round : map.rounds()) {
            assertThat(round.cohort()).isEqualTo(2);
            assertThat(round.contributors())
                    .hasSize(2)
                    .allMatch(block -> block.get(0) + block.get(1) == 2);
            assertConfidence(round);
        }
        assertKept(run, map);
    }

    private static void assertHeadsOfTheLastBlock(Run run) {
        HeadMap map = Objects.requireNonNull(run.heads());
        for (HeadMap.Round round : map.rounds()) {
            assertThat(round.contributors()).containsExactly(List.of(0, 0), List.of(2, 2));
            assertConfidence(round);
        }
        assertKept(run, map);
    }

    private static void assertConfidence(HeadMap.Round round) {
        for (int block = 0; block < round.contributors().size(); block++) {
            for (int head = 0; head < HEADS; head++) {
                double confidence = round.confidence().get(block).get(head);
                assertThat(confidence > 0).isEqualTo(round.contributors().get(block).get(head) > 0);
                assertThat(confidence).isBetween(0.0, 1.0);
            }
        }
    }

    /** The map counts what the updates hold. */
    private static void assertKept(Run run, HeadMap map) {
        for (RoundView round : run.rounds()) {
            assertThat(round.clients()).allMatch(client -> client.keptHeads() == 2);
            int counted =
                    map.rounds().get(round.number() - 1).contributors().stream()
                            .flatMap(List::stream)
                            .mapToInt(Integer::intValue)
                            .sum();
            assertThat(counted)
                    .isEqualTo(
                            round.clients().stream().mapToInt(RoundView.Client::keptHeads).sum());
        }
    }

    /** One text in one layer (algorithms.md A.7). */
    private record Layer(long linear, long attention, long lora, long ffn) {

        /**
         * @param kept heads
         * @param output heads that the output layer is multiplied with
         */
        static Layer of(int kept, int output) {
            long inner = (long) kept * HEAD;
            long out = (long) output * HEAD;
            return new Layer(
                    LENGTH * WIDTH * (3 * inner + out),
                    2 * LENGTH * LENGTH * inner,
                    LENGTH * RANK * (3 * (WIDTH + inner) + WIDTH + out),
                    2L * LENGTH * WIDTH * INNER);
        }

        static Layer of(int kept) {
            return of(kept, kept);
        }

        long forward() {
            return attentionForward() + ffn;
        }

        long attentionForward() {
            return linear + attention + lora;
        }

        long training() {
            return attentionTraining() + 2 * ffn;
        }

        long attentionTraining() {
            return 2 * linear + 3 * (attention + lora);
        }
    }

    private static Cost denseCost() {
        long attention = TEXTS * 2 * Layer.of(2).attentionTraining();
        return new Cost(TEXTS * 2 * Layer.of(2).training(), attention, attention, 0);
    }

    private static Cost removedCost() {
        return new Cost(
                TEXTS * 2 * Layer.of(1).training(),
                TEXTS * 2 * Layer.of(1).attentionTraining(),
                TEXTS * 2 * Layer.of(1, HEADS).attentionTraining(),
                CALIBRATION * 2 * Layer.of(2).forward());
    }

    /** The first layer is run forward only. */
    private static Cost frozenCost() {
        Layer layer = Layer.of(2);
        long attention = TEXTS * (layer.attentionForward() + layer.attentionTraining());
        return new Cost(
                TEXTS * (layer.forward() + layer.training()),
                attention,
                attention,
                CALIBRATION * 2 * layer.forward());
    }

    /**
     * @param expected of a client, but for losses that it told before the draw: one pass over some
     *     rows, two if it has an adapter of its own
     */
    private static void assertComputed(Run run, Cost expected, boolean toldLosses) {
        Set<AgentName> trained = new HashSet<>();
        for (RoundView round : run.rounds()) {
            for (RoundView.Client client : round.clients()) {
                int passes = !toldLosses ? 0 : trained.contains(client.agent()) ? 2 : 1;
                assertThat(client.cost())
                        .isEqualTo(
                                new Cost(
                                        expected.macs(),
                                        expected.attentionMacs(),
                                        expected.attentionMacsDenseOutput(),
                                        expected.scoringMacs() + passes * lossPass()));
            }
            assertThat(round.cost().macs()).isEqualTo(2 * expected.macs());
            assertThat(round.cost().attentionMacs()).isEqualTo(2 * expected.attentionMacs());
            trained.addAll(cohort(round));
        }
    }

    private static long lossPass() {
        return LOSSES * 2 * Layer.of(HEADS).forward();
    }

    /** Who never trained comes first, then the largest differences; losses are counted. */
    private static void assertChosenByLoss(Run run, List<SelectionView> selections) {
        Set<AgentName> trained = new HashSet<>();
        for (RoundView round : run.rounds()) {
            SelectionView selection = selections.get(round.number() - 1);
            List<SelectionView.Candidate> candidates = selection.candidates();
            assertThat(candidates)
                    .extracting(candidate -> candidate.agent().value())
                    .containsExactly("ada", "bob", "cid");
            assertThat(candidates).allMatch(SelectionView.Candidate::asked);
            assertThat(chosen(selection))
                    .hasSize(selection.wanted())
                    .containsExactlyInAnyOrderElementsOf(cohort(round));
            for (SelectionView.Candidate candidate : candidates) {
                assertThat(candidate.lossRound()).isEqualTo(round.number());
                assertScore(candidate, trained.contains(candidate.agent()));
            }
            assertLargestScores(candidates);
            long passes = candidates.size() + trained.size();
            assertThat(round.cost().scoringMacs())
                    .isEqualTo(2 * removedCost().scoringMacs() + passes * lossPass());
            trained.addAll(cohort(round));
        }
        assertThat(trained).as("whoever never trained has had its turn").hasSize(3);
    }

    private static void assertScore(SelectionView.Candidate candidate, boolean trained) {
        assertThat(candidate.globalLoss()).isPositive();
        if (trained) {
            assertThat(candidate.score())
                    .isCloseTo(candidate.globalLoss() - candidate.ownLoss(), within(1e-12));
        } else {
            assertThat(candidate.ownLoss()).isNull();
            assertThat(candidate.score()).isNull();
        }
    }

    private static void assertLargestScores(List<SelectionView.Candidate> candidates) {
        ToDoubleFunction<SelectionView.Candidate> rank =
                candidate ->
                        candidate.score() == null ? Double.POSITIVE_INFINITY : candidate.score();
        double leastChosen =
                candidates.stream()
                        .filter(SelectionView.Candidate::chosen)
                        .mapToDouble(rank)
                        .min()
                        .orElseThrow();
        assertThat(candidates)
                .filteredOn(candidate -> !candidate.chosen())
                .allMatch(candidate -> rank.applyAsDouble(candidate) <= leastChosen);
    }

    private static List<AgentName> chosen(SelectionView selection) {
        return selection.candidates().stream()
                .filter(SelectionView.Candidate::chosen)
                .map(SelectionView.Candidate::agent)
                .toList();
    }

    private static List<AgentName> cohort(RoundView round) {
        return round.clients().stream().map(RoundView.Client::agent).toList();
    }

    /** As the operator API tells them, from an orchestrator that has just been started again. */
    private static List<SelectionView> selections(
            Study study, HomeFolder home, Opened opened, Run run) throws Exception {
        List<AgentPlan> agents = study.holdings().stream().map(Holding::agent).toList();
        LocalFederation federation =
                opened.with(() -> LocalFederation.in(home, Ports.free(), agents));
        federation.start(Part.ORCHESTRATOR);
        List<SelectionView> selections = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (RoundView round : run.rounds()) {
                String path =
                        "/api/v1/jobs/%s/rounds/%d/selection"
                                .formatted(run.job().id(), round.number());
                URI selection = federation.url(Part.ORCHESTRATOR).resolve(path);
                HttpResponse<String> answer =
                        http.send(
                                HttpRequest.newBuilder(selection).build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                selections.add(JsonMapper.shared().readValue(answer.body(), SelectionView.class));
            }
        }
        return selections;
    }

    private List<Run> run(Study study, HomeFolder home, Opened opened) throws Exception {
        return new StudyRun(display(), InstantSource.system(), Sleeper.real())
                .run(
                        study,
                        home,
                        opened,
                        new Computing(1, false),
                        Map.of("dense", Duration.ofSeconds(2)));
    }

    private Display display() {
        return new Display() {
            @Override
            public void say(String line) {
                said.add(line);
            }

            @Override
            public void show(List<String> block) {
                // nobody is looking
            }
        };
    }

    private Study study() throws Exception {
        SelectionSpec uniform = new SelectionSpec.Uniform(0.7);
        SelectionSpec byLoss =
                new SelectionSpec.LossDifference(
                        0.7,
                        null,
                        null,
                        new SelectionSpec.ScoringSpec(LOSSES, Duration.ofMinutes(1)));
        AggregationSpec average = new AggregationSpec.FedAvg(null);
        AggregationSpec byHead = new AggregationSpec.HeadWeighted(null, null);
        return new Study(
                "tiny",
                "Tiny",
                TinyBert.write(folder.resolve("tiny-bert")),
                new ModelShape(2, HEADS, WIDTH, INNER),
                new ModelName("tiny-bert"),
                TaskSpec.classification(List.of("ham", "spam"), 16),
                new DataName("mail"),
                new EvaluationSpec(
                        new DataName("mail-validation"), 1, null, new DataName("mail-test")),
                List.of(
                        holding("ada", AgentPlan.Work.TRAIN, "mail", 1),
                        holding("bob", AgentPlan.Work.TRAIN, "mail", 2),
                        holding("cid", AgentPlan.Work.TRAIN, "mail", 3),
                        holding("eve", AgentPlan.Work.EVALUATE, "mail-validation", 4),
                        holding("fay", AgentPlan.Work.EVALUATE, "mail-test", 5)),
                List.of(
                        arm("dense", uniform, null, average),
                        arm(
                                "removed",
                                byLoss,
                                heads(
                                        HeadPruningSpec.Ranking.PER_BLOCK,
                                        HeadPruningSpec.Mode.REMOVE),
                                byHead),
                        arm(
                                "frozen",
                                uniform,
                                heads(
                                        HeadPruningSpec.Ranking.TOP_BLOCKS,
                                        HeadPruningSpec.Mode.FREEZE),
                                byHead)),
                List.of(3L),
                List.of(),
                "dense",
                null,
                List.of());
    }

    private Holding holding(String name, AgentPlan.Work work, String data, long seed)
            throws Exception {
        Path file = mail(folder.resolve("data").resolve(name + ".jsonl"), 24, seed);
        return new Holding(new AgentPlan(new AgentName(name), work, new DataName(data), file), 24);
    }

    /** Six words each, that is {@link #LENGTH} tokens with the two around them. */
    private static Path mail(Path file, int rows, long seed) throws IOException {
        List<String> ham = List.of("pear", "quince", "orchard", "prune", "frost");
        List<String> spam = List.of("win", "money", "prize", "free", "cash");
        Random any = new Random(seed);
        StringBuilder lines = new StringBuilder();
        for (int row = 0; row < rows; row++) {
            boolean isSpam = any.nextBoolean();
            List<String> words = isSpam ? spam : ham;
            String text =
                    any.ints(LENGTH - 2, 0, words.size())
                            .mapToObj(words::get)
                            .collect(Collectors.joining(" "));
            lines.append(
                    "{\"text\": \"%s\", \"label\": \"%s\"}\n"
                            .formatted(text, isSpam ? "spam" : "ham"));
        }
        Files.createDirectories(file.getParent());
        return Files.writeString(file, lines);
    }

    private static HeadPruningSpec heads(
            HeadPruningSpec.Ranking ranking, HeadPruningSpec.Mode mode) {
        return new HeadPruningSpec(
                new BigDecimal("0.5"),
                null,
                null,
                ranking,
                0,
                mode,
                HeadPruningSpec.Score.CONFIDENCE,
                CALIBRATION,
                null,
                null,
                null,
                0);
    }

    private static Arm arm(
            String name,
            SelectionSpec selection,
            @Nullable HeadPruningSpec heads,
            AggregationSpec aggregation) {
        return new Arm(
                name,
                new PhaseSpec.FineTune(
                        ROUNDS,
                        selection,
                        new AdapterSpec(
                                RANK,
                                4.0,
                                0.0,
                                List.of("query", "key", "value", "attention.output.dense")),
                        heads == null ? null : new PruningSpec(heads),
                        null,
                        null,
                        aggregation,
                        new TrainingSpec(1, 4, 0.01, null, null, null, null, TEXTS),
                        Duration.ofMinutes(2),
                        1.0));
    }
}
