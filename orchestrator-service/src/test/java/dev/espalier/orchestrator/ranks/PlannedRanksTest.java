package dev.espalier.orchestrator.ranks;

import static dev.espalier.orchestrator.ranks.Cohort.agent;
import static dev.espalier.orchestrator.ranks.Cohort.settings;
import static dev.espalier.orchestrator.ranks.Cohort.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.ranks.PlannedRanks.Choice;
import dev.espalier.orchestrator.ranks.PlannedRanks.Client;
import dev.espalier.orchestrator.ranks.PlannedRanks.Replaced;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.RankSpec.Variant;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.work.RankPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which components the clients of a round train. */
class PlannedRanksTest {

    private static final List<String> MODULES = List.of("key", "query");

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @Test
    void windowsRotateOverTheClientsWhileNothingIsKnown() {
        RankSpec settings = settings(Variant.FREEZING, null, null);

        PlannedRanks first = plan(settings, 8, Cohort.of(2, 2, 8, 2), 0);
        PlannedRanks second = plan(settings, 8, Cohort.of(2, 2, 8, 2), 1);

        assertThat(first.choice()).isEqualTo(Choice.COLD_START);
        assertThat(ofQuery(first, 0)).containsExactly(0, 1);
        assertThat(ofQuery(first, 1)).containsExactly(2, 3);
        assertThat(first.scope(agent(2)).isWhole()).isTrue();
        assertThat(ofQuery(first, 3)).containsExactly(6, 7);
        assertThat(ofQuery(second, 0)).containsExactly(2, 3);
        assertThat(ofQuery(second, 3)).containsExactly(0, 1);
    }

    @Test
    void aWindowAcrossTheEndIsSorted() {
        assertThat(Choices.window(1, 1, 3, 8)).containsExactly(0, 6, 7);
        assertThat(Choices.window(Integer.MAX_VALUE, 1, 1, 8)).containsExactly(0);
    }

    @ParameterizedTest(name = "weakest {0} of 8: {1} rounds")
    @CsvSource({"1, 8", "2, 4", "3, 3", "5, 2", "8, 1"})
    void theColdStartLastsUntilTheWeakestHasTrainedAll(int weakest, int rounds) {
        RankSpec settings = settings(Variant.TRUNCATION, null, 0);

        assertThat(plan(settings, 8, Cohort.of(8, weakest), rounds - 1).choice())
                .isEqualTo(Choice.COLD_START);
        assertThat(plan(settings, 8, Cohort.of(8, weakest), rounds).choice())
                .isEqualTo(Choice.IMPORTANCE);
    }

    @Test
    void aColdStartIsAsLongAsTheJobSays() {
        assertThat(plan(settings(Variant.FREEZING, 0, null), 8, Cohort.of(1), 0).choice())
                .isEqualTo(Choice.IMPORTANCE);
        assertThat(plan(settings(Variant.FREEZING, 20, null), 8, Cohort.of(1), 19).choice())
                .isEqualTo(Choice.COLD_START);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void overAColdStartEveryClientTrainsEveryComponentWithoutStarvation(long seed) {
        Random any = new Random(seed);
        int rank = 1 + any.nextInt(16);
        List<Share> cohort = anyCohort(any, rank);
        int weakest = cohort.stream().mapToInt(Share::rank).min().orElseThrow();
        RankSpec settings = settings(Variant.FREEZING, null, 1);
        List<Set<Integer>> trained =
                cohort.stream().<Set<Integer>>map(share -> new HashSet<>()).toList();

        for (int turn = 0; turn < Math.ceilDiv(rank, weakest); turn++) {
            PlannedRanks plan = plan(settings, rank, cohort, turn);
            assertThat(plan.choice()).isEqualTo(Choice.COLD_START);
            assertThat(plan.replaced()).isEmpty();
            for (int place = 0; place < cohort.size(); place++) {
                trained.get(place).addAll(indices(plan.clients().get(place), 1, rank));
            }
        }

        assertThat(trained).allMatch(all -> all.size() == rank);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyClientTrainsAsManyAsItWasAllottedInEveryModule(long seed) {
        Random any = new Random(seed);
        int rank = 1 + any.nextInt(16);
        List<Share> cohort = anyCohort(any, rank);
        Variant variant = Variant.values()[any.nextInt(4)];
        RankSpec settings = settings(variant, any.nextInt(3), any.nextInt(3));
        Measured measured = anyMeasured(any, rank);

        PlannedRanks plan = PlannedRanks.plan(settings, MODULES, rank, cohort, measured);

        assertThat(plan.clients()).extracting(Client::agent).isSorted();
        for (Client client : plan.clients()) {
            for (int module = 0; module < MODULES.size(); module++) {
                assertThat(indices(client, module, rank))
                        .hasSize(variant == Variant.HOMOGENEOUS ? rank : client.rank())
                        .isSorted()
                        .doesNotHaveDuplicates()
                        .allMatch(index -> index >= 0 && index < rank);
            }
        }
        List<Share> shuffled = new ArrayList<>(cohort);
        Collections.shuffle(shuffled, any);
        assertThat(PlannedRanks.plan(settings, MODULES, rank, shuffled, measured)).isEqualTo(plan);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsChosenIsWorthNoLessThanWhatIsNot(long seed) {
        Random any = new Random(seed);
        int rank = 2 + any.nextInt(15);
        int wanted = 1 + any.nextInt(rank - 1);
        Measured measured = anyMeasured(any, rank);

        PlannedRanks plan =
                PlannedRanks.plan(
                        settings(Variant.FREEZING, 0, 0),
                        MODULES,
                        rank,
                        Cohort.of(wanted),
                        measured);

        for (int module = 0; module < MODULES.size(); module++) {
            List<Double> worth = measured.modules().get(module).importance();
            List<Integer> chosen = indices(plan.clients().getFirst(), module, rank);
            double least = chosen.stream().mapToDouble(worth::get).min().orElseThrow();
            assertThat(IntStream.range(0, rank).filter(index -> !chosen.contains(index)))
                    .allMatch(index -> worth.get(index) <= least);
        }
    }

    @Test
    void everyModuleIsRankedByItself() {
        Measured measured =
                new Measured(
                        8,
                        8,
                        List.of(
                                told("query", List.of(0.1, 0.9, 0.5)),
                                told("key", List.of(0.9, 0.1, 0.5))));

        PlannedRanks plan =
                PlannedRanks.plan(
                        settings(Variant.FREEZING, 0, 0), MODULES, 3, Cohort.of(2), measured);

        assertThat(plan.scope(agent(0)))
                .isEqualTo(new Scope(null, Map.of("key", List.of(0, 2), "query", List.of(1, 2))));
        assertThat(plan.measuredIn()).isEqualTo(8);
    }

    @Test
    void theLongestUntouchedTakeThePlaceOfTheLowestRankedOverTheClientsInOrder() {
        Measured measured =
                new Measured(
                        9,
                        9,
                        List.of(
                                told(
                                        "query",
                                        List.of(0.9, 0.8, 0.7, 0.1, 0.2, 0.0),
                                        List.of(0, 0, 0, 4, 7, 7))));

        PlannedRanks plan =
                PlannedRanks.plan(
                        settings(Variant.FREEZING, 0, 10),
                        List.of("query"),
                        6,
                        Cohort.of(1, 2, 3, 2, 1),
                        measured);

        assertThat(plan.replaced())
                .containsExactly(
                        new Replaced(agent(0), "query", 4, 0, 7),
                        new Replaced(agent(1), "query", 5, 1, 7),
                        new Replaced(agent(2), "query", 3, 2, 4));
        assertThat(ofQuery(plan, 0)).containsExactly(4);
        assertThat(ofQuery(plan, 1)).containsExactly(0, 5);
        assertThat(ofQuery(plan, 2)).containsExactly(0, 1, 3);
        assertThat(ofQuery(plan, 3)).containsExactly(0, 1); // nothing is left for it
        assertThat(ofQuery(plan, 4)).containsExactly(0);
    }

    @Test
    void whatSomebodyTrainsAnywayIsForcedOnNobody() {
        Measured measured =
                new Measured(9, 9, List.of(told("query", List.of(0.9, 0.8), List.of(0, 30))));
        RankSpec settings = settings(Variant.FREEZING, 0, 10);

        assertThat(one(settings, Cohort.of(1, 2), measured).replaced()).isEmpty();
        assertThat(one(settings, Cohort.of(1, 1), measured).replaced())
                .containsExactly(new Replaced(agent(0), "query", 1, 0, 30));
    }

    @Test
    void whatWasJustTrainedDoesNotStarve() {
        Measured measured =
                new Measured(9, 9, List.of(told("query", List.of(0.9, 0.8), List.of(0, 0))));

        assertThat(one(settings(Variant.FREEZING, 0, 10), Cohort.of(1), measured).replaced())
                .isEmpty();
    }

    @ParameterizedTest(name = "every {0}, after {1} rounds: {2}")
    @CsvSource({"10, 9, 1", "10, 8, 0", "10, 19, 1", "1, 4, 1", "0, 9, 0", "3, 4, 0", "3, 5, 1"})
    void theStarvingAreFedInEverySoManyRounds(int every, int turn, int replaced) {
        Measured measured =
                new Measured(turn, turn, List.of(told("query", List.of(0.9, 0.8), List.of(0, 3))));

        assertThat(one(settings(Variant.TRUNCATION, 0, every), Cohort.of(1), measured).replaced())
                .hasSize(replaced);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noComponentStarvesForEver(long seed) {
        Random any = new Random(seed);
        int rank = 2 + any.nextInt(7);
        int every = 1 + any.nextInt(4);
        List<Share> weak = Cohort.of(IntStream.range(0, 1 + any.nextInt(3)).map(i -> 1).toArray());
        List<Double> worth = any.doubles(rank).boxed().toList();
        List<Integer> age = new ArrayList<>(Collections.nCopies(rank, 0));
        Set<Integer> trained = new HashSet<>();

        for (int turn = 0; turn < every * rank; turn++) {
            PlannedRanks plan =
                    PlannedRanks.plan(
                            settings(Variant.FREEZING, 0, every),
                            List.of("query"),
                            rank,
                            weak,
                            new Measured(
                                    turn, turn, List.of(told("query", worth, List.copyOf(age)))));
            Set<Integer> now = new HashSet<>();
            plan.clients().forEach(client -> now.addAll(indices(client, 0, rank)));
            trained.addAll(now);
            age.replaceAll(rounds -> rounds + 1);
            now.forEach(component -> age.set(component, 0));
        }

        assertThat(trained).hasSize(rank);
    }

    @Test
    void whatAnAgentDoesWithThemDependsOnTheVariantAndWhoMeasures() {
        ImportanceSpec byClients =
                new ImportanceSpec(null, ImportanceSpec.Source.CLIENT_GRADIENT, null, null);
        RankSpec freezing = settings(Variant.FREEZING, 0, 0);
        RankSpec measuring = new RankSpec(Variant.TRUNCATION, null, byClients, 0, 0);

        assertThat(plan(freezing, 8, Cohort.of(2), 0).of(agent(0), freezing))
                .isEqualTo(new RankPlan(2, false, null));
        assertThat(plan(measuring, 8, Cohort.of(2), 0).of(agent(0), measuring))
                .isEqualTo(new RankPlan(2, true, byClients));
        RankSpec prefix = settings(Variant.PREFIX, null, null);
        assertThat(plan(prefix, 8, Cohort.of(2), 0).of(agent(0), prefix))
                .isEqualTo(new RankPlan(2, true, null));
        assertThat(plan(prefix, 8, Cohort.of(2), 0).of(agent(7), prefix)).isNull();
    }

    private static PlannedRanks plan(RankSpec settings, int rank, List<Share> cohort, int turn) {
        List<ModuleComponents> nothing = List.of();
        return PlannedRanks.plan(
                settings, MODULES, rank, cohort, new Measured(turn, null, nothing));
    }

    private static PlannedRanks one(RankSpec settings, List<Share> cohort, Measured measured) {
        return PlannedRanks.plan(settings, List.of("query"), 2, cohort, measured);
    }

    private static List<Integer> ofQuery(PlannedRanks plan, int place) {
        return Objects.requireNonNull(plan.scope(agent(place)).components()).get("query");
    }

    private static List<Integer> indices(Client client, int module, int rank) {
        return client.components() == null
                ? IntStream.range(0, rank).boxed().toList()
                : client.components().get(module);
    }

    private static List<Share> anyCohort(Random any, int rank) {
        return Cohort.of(any.ints(1 + any.nextInt(12), 1, rank + 1).toArray());
    }

    /** With many ties. */
    private static Measured anyMeasured(Random any, int rank) {
        return new Measured(
                any.nextInt(30),
                1,
                MODULES.stream()
                        .map(module ->
                                told(
                                        module,
                                        any.ints(rank, 0, 5).mapToObj(i -> i / 4.0).toList(),
                                        any.ints(rank, 0, 9).boxed().toList()))
                        .toList());
    }
}
