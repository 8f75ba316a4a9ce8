package dev.espalier.benchmarks.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Computing;
import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.benchmarks.experiment.ModelShape;
import dev.espalier.benchmarks.experiment.Run;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.benchmarks.experiment.StudyRun;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.benchmarks.report.StudyReport;
import dev.espalier.local.Opened;
import dev.espalier.local.display.Display;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.TinyBert;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.QuantisationSpec;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All arms of the experiment on a real federation: PostgreSQL, three services, ten clients of three
 * tiers, a tiny model. Bytes can be told beforehand, from the formulas alone (algorithms.md D.6).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class RanksExperimentIT {

    // of the tiny model and its adapter
    private static final int WIDTH = 16;
    private static final int HEAD = 8;
    private static final int MODULES = 4;
    private static final int LABELS = 2;

    private static final int ROUNDS = 2;
    private static final int BUDGET = 600;

    private static final RankArms ARMS = new RankArms(ROUNDS, 8, 0.01);
    private static final List<Integer> RANKS = List.of(1, 1, 1, 2, 2, 2, 8, 8, 8, 8);

    @TempDir static Path folder;

    private Opened opened;
    private Study study;
    private Map<String, Run> runs;

    @BeforeAll
    void runAllArms() throws Exception {
        HomeFolder home = new HomeFolder(folder.resolve("home"));
        opened = Opened.folder(home);
        study = study();
        runs =
                new StudyRun(quiet(), InstantSource.system(), Sleeper.real())
                        .run(study, home, opened, new Computing(1, false), Map.of()).stream()
                                .collect(Collectors.toMap(Run::arm, Function.identity()));
    }

    @AfterAll
    void stopEverything() {
        opened.close();
    }

    @Test
    void everyArmGoesThroughAllItsRoundsAndIsScored() {
        StudyReport report = StudyReport.of(study, List.copyOf(runs.values()));

        assertThat(report.invalidBecause()).isEmpty();
        assertThat(report.target()).isNotNull();
        assertThat(report.arms().values())
                .allSatisfy(arm -> {
                    assertThat(arm.figures().accuracy()).isBetween(0.0, 1.0);
                    assertThat(arm.target()).isEqualTo(report.target());
                });
        assertThat(report.goals())
                .filteredOn(goal -> goal.figure().equals("bytesUp"))
                .extracting(Goal.Verdict::arm)
                .containsExactly("freezing-adaptive", "composed");
    }

    @Test
    void denseUpdatesHoldAllComponents() {
        assertUploaded("homogeneous", rank -> components(8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "freezing-adaptive",
                "freezing-zero-padding",
                "freezing-zero-padding-delta",
                "truncation-adaptive"
            })
    void chosenComponentsAreUploadedWithAMaskForEveryModule(String arm) {
        assertUploaded(arm, rank -> components(rank) + masks(rank));
        assertAllotted(arm);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hetlora", "stacking", "qr-svd"})
    void aPrefixIsUploadedWithItsLength(String arm) {
        assertUploaded(arm, rank -> components(rank) + 4);
        assertAllotted(arm);
    }

    @Test
    void theTiersUploadWhatTheMethodIsSaidTo() {
        long dense = adapterBytes("homogeneous");
        long frozen = adapterBytes("freezing-adaptive");
        long masks = (long) ROUNDS * 6 * MODULES;

        assertThat((double) (frozen - masks) / dense).isEqualTo(0.5125);
    }

    @ParameterizedTest
    @ValueSource(strings = {"freezing-adaptive", "composed"})
    void windowsRotateOnceAndThenTheWeakTrainWhatIsWorthMost(String arm) {
        ComponentMap map = Objects.requireNonNull(runs.get(arm).components());

        assertThat(map.modules()).hasSize(MODULES).allMatch(module -> module.rank() == 8);
        assertThat(map.rounds()).hasSize(ROUNDS);
        for (ComponentMap.Round round : map.rounds()) {
            assertThat(round.cohort()).isEqualTo(RANKS.size());
            assertThat(round.clients())
                    .extracting(ComponentMap.Client::rank)
                    .containsExactlyElementsOf(RANKS);
            for (int client = 0; client < RANKS.size(); client++) {
                assertThat(round.clients().get(client).components())
                        .isEqualTo(expected(map, client, round.number()));
            }
        }
    }

    @Test
    void everyComponentIsTrainedByThoseWhoWereToldTo() {
        ComponentMap map = Objects.requireNonNull(runs.get("freezing-adaptive").components());

        for (ComponentMap.Round round : map.rounds()) {
            assertThat(round.contributors())
                    .isEqualTo(
                            map.modules().stream().map(module -> trainers(module, round)).toList())
                    .allMatch(counts -> counts.stream().mapToInt(Integer::intValue).sum() == 41);
            assertThat(round.age()).allMatch(ages -> ages.stream().allMatch(age -> age == 0));
            assertThat(round.importance())
                    .allSatisfy(module -> assertThat(module).allMatch(worth -> worth > 0));
        }
    }

    @Test
    void theRankOptimalRuleTellsWhatItCutOff() {
        ComponentMap map = Objects.requireNonNull(runs.get("qr-svd").components());

        for (ComponentMap.Round round : map.rounds()) {
            assertThat(round.truncationError())
                    .hasSize(MODULES)
                    .allMatch(error -> error >= 0 && error < 1);
            assertThat(round.importance())
                    .as("singular values descend")
                    .allSatisfy(module ->
                            assertThat(module).isSortedAccordingTo((a, b) -> Double.compare(b, a)));
        }
        // after a single step from B = 0 all have the same A, so nothing need be cut off
        assertThat(map.rounds().getLast().truncationError()).allMatch(error -> error > 0);
    }

    @Test
    void stackingMakesABaseInEveryRound() {
        List<RoundView> rounds = runs.get("stacking").rounds();

        assertThat(rounds).allMatch(round -> round.evaluation() != null);
        assertThat(rounds.getLast().traffic().baseBytesDown())
                .as("the base of the round before")
                .isPositive();
    }

    /** In the first round all heads, then one of every block: a byte a value and two scales. */
    @Test
    void aComposedUpdateHoldsCellsOfHeadsAndComponentsInBytes() {
        for (RoundView round : runs.get("composed").rounds()) {
            boolean pruned = round.number() > 1;
            int rows = pruned ? HEAD : WIDTH;
            for (int client = 0; client < RANKS.size(); client++) {
                int rank = RANKS.get(client);
                long cells = (long) MODULES * rank * (WIDTH + rows + 8);
                long heads = 2 + 4L * (pruned ? 2 : 4);
                assertThat(adapterBytes(round.clients().get(client)))
                        .isEqualTo(cells + masks(rank) + heads);
                assertThat(round.clients().get(client).quantisationError()).isBetween(1e-6, 0.02);
            }
        }
        assertThat(runs.get("composed").heads()).isNotNull();
    }

    @Test
    void aBudgetIsKeptByPrecisionAndThenByLeavingOut() {
        for (RoundView round : runs.get("budget").rounds()) {
            for (int client = 0; client < RANKS.size(); client++) {
                RoundView.Client sent = round.clients().get(client);
                int rank = RANKS.get(client);
                long atFour = (long) MODULES * rank * (WIDTH / 2 + WIDTH / 2 + 8);
                assertThat(adapterBytes(sent)).isLessThanOrEqualTo(BUDGET + MODULES);
                if (atFour > BUDGET) {
                    assertThat(sent.keptComponents()).isLessThan(MODULES * rank);
                } else {
                    assertThat(sent.keptComponents()).isEqualTo(MODULES * rank);
                }
                assertThat(sent.quantisationError()).isNotNull();
            }
        }
    }

    /** What a client sends of the adapter, without task head and scalars. */
    private interface Expected {

        long bytes(int rank);
    }

    private void assertUploaded(String arm, Expected expected) {
        for (RoundView round : runs.get(arm).rounds()) {
            assertThat(round.clients())
                    .extracting(client -> client.agent().value())
                    .isSorted()
                    .hasSize(RANKS.size());
            for (int client = 0; client < RANKS.size(); client++) {
                assertThat(adapterBytes(round.clients().get(client)))
                        .as("round %d, client %d", round.number(), client)
                        .isEqualTo(expected.bytes(RANKS.get(client)));
            }
        }
    }

    private void assertAllotted(String arm) {
        for (RoundView round : runs.get(arm).rounds()) {
            assertThat(round.clients())
                    .extracting(RoundView.Client::rank)
                    .containsExactlyElementsOf(RANKS);
        }
    }

    private long adapterBytes(String arm) {
        return runs.get(arm).rounds().stream()
                .flatMap(round -> round.clients().stream())
                .mapToLong(RanksExperimentIT::adapterBytes)
                .sum();
    }

    private static long adapterBytes(RoundView.Client client) {
        long taskHead = (LABELS * WIDTH + LABELS) * Float.BYTES;
        long scalars = 2 * Long.BYTES; // examples, and the loss of the last epoch
        assertThat(client.outcome()).isEqualTo(RoundView.ClientOutcome.ACCEPTED);
        assertThat(client.taskHeadBytesUp()).isEqualTo(taskHead);
        return client.bytesUp() - taskHead - scalars;
    }

    private static long components(int rank) {
        return (long) MODULES * rank * (WIDTH + WIDTH) * Float.BYTES;
    }

    private static long masks(int rank) {
        return rank < 8 ? MODULES : 0;
    }

    /** Consecutive components from {@code ((k + t) r_k) mod R} (algorithms.md B.8 #9). */
    private static List<Integer> window(int client, int round) {
        int rank = RANKS.get(client);
        return IntStream.range(0, rank)
                .map(i -> ((client + round) * rank + i) % 8)
                .sorted()
                .boxed()
                .toList();
    }

    /** In the first round its window, then the components that the round before found best. */
    private static Map<String, List<Integer>> expected(ComponentMap map, int client, int round) {
        int rank = RANKS.get(client);
        if (rank == 8) {
            return null;
        }
        Map<String, List<Integer>> expected = new TreeMap<>();
        for (int module = 0; module < map.modules().size(); module++) {
            expected.put(
                    map.modules().get(module).name(),
                    round == 1
                            ? window(client, 0)
                            : best(map.rounds().get(round - 2).importance().get(module), rank));
        }
        return expected;
    }

    private static List<Integer> best(List<Double> importance, int rank) {
        return IntStream.range(0, importance.size())
                .boxed()
                .sorted(
                        Comparator.<Integer>comparingDouble(i -> -importance.get(i))
                                .thenComparing(Comparator.naturalOrder()))
                .limit(rank)
                .sorted()
                .toList();
    }

    private static List<Integer> trainers(ComponentMap.Module module, ComponentMap.Round round) {
        return IntStream.range(0, module.rank())
                .mapToObj(component ->
                        (int)
                                round.clients().stream()
                                        .filter(client ->
                                                client.components() == null
                                                        || client.components()
                                                                .get(module.name())
                                                                .contains(component))
                                        .count())
                .toList();
    }

    private static Display quiet() {
        return new Display() {
            @Override
            public void say(String line) {
                // nobody listens
            }

            @Override
            public void show(List<String> block) {
                // nobody is looking
            }
        };
    }

    private static Study study() throws IOException {
        return new Study(
                "tiny",
                "Tiny",
                TinyBert.write(folder.resolve("tiny-bert")),
                new ModelShape(2, 2, WIDTH, 32),
                new ModelName("tiny-bert"),
                TaskSpec.classification(List.of("ham", "spam"), 16),
                new DataName("mail"),
                new EvaluationSpec(
                        new DataName("mail-validation"), 1, null, new DataName("mail-test")),
                Tier.dealt(holdings()),
                Stream.concat(ARMS.usual().stream(), Stream.of(withinABudget())).toList(),
                List.of(3L),
                RankArms.goals(),
                RankArms.HOMOGENEOUS,
                null,
                List.of());
    }

    private static List<Holding> holdings() throws IOException {
        List<Holding> holdings = new ArrayList<>();
        for (int i = 0; i < Tier.CLIENTS; i++) {
            String name = "reader-%02d".formatted(i + 1);
            holdings.add(holding(name, AgentPlan.Work.TRAIN, "mail", i));
        }
        holdings.add(holding("validation-desk", AgentPlan.Work.EVALUATE, "mail-validation", 20));
        holdings.add(holding("test-desk", AgentPlan.Work.EVALUATE, "mail-test", 21));
        return holdings;
    }

    private static Holding holding(String name, AgentPlan.Work work, String data, long seed)
            throws IOException {
        Path file = TinyBert.mail(folder.resolve("data").resolve(name + ".jsonl"), 12, seed);
        return new Holding(new AgentPlan(new AgentName(name), work, new DataName(data), file), 12);
    }

    /** As {@code freezing-adaptive}, with so many bytes for the components of an update. */
    private static Arm withinABudget() {
        PhaseSpec.FineTune phase =
                ARMS.usual().stream()
                        .filter(arm -> arm.name().equals(RankArms.ADAPTIVE))
                        .findFirst()
                        .orElseThrow()
                        .tuning()
                        .getFirst();
        return new Arm(
                "budget",
                new PhaseSpec.FineTune(
                        phase.rounds(),
                        phase.selection(),
                        phase.adapter(),
                        phase.pruning(),
                        phase.ranks(),
                        new QuantisationSpec(null, (long) BUDGET, null),
                        phase.aggregation(),
                        phase.training(),
                        phase.deadline(),
                        phase.quorum()));
    }
}
