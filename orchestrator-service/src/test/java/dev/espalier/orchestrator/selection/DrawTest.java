package dev.espalier.orchestrator.selection;

import static dev.espalier.orchestrator.selection.Fleets.MAIL;
import static dev.espalier.orchestrator.selection.Fleets.NOW;
import static dev.espalier.orchestrator.selection.Fleets.agent;
import static dev.espalier.orchestrator.selection.Fleets.capable;
import static dev.espalier.orchestrator.selection.Fleets.fleet;
import static dev.espalier.orchestrator.selection.Fleets.offer;
import static dev.espalier.orchestrator.selection.Fleets.trainers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.RoundView.LeftOut;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.SelectionView.Candidate;
import dev.espalier.protocol.work.Capabilities;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every policy takes into account, and that each draw can be done again from its record. */
class DrawTest {

    private static final AgentName ADA = new AgentName("ada");
    private static final AgentName BOB = new AgentName("bob");
    private static final AgentName CYD = new AgentName("cyd");
    private static final AgentName DAN = new AgentName("dan");
    private static final SelectionSpec DIFFERENCE =
            new SelectionSpec.LossDifference(0.5, null, null, null);

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyDrawCanBeDoneAgainFromItsRecord(long seed) {
        Random chance = new Random(seed);
        for (SelectionSpec policy : policies()) {
            SelectionView decided = anyDraw(policy, chance);
            List<AgentName> cohort = Draw.cohort(decided);

            assertThat(cohort).isSorted().doesNotHaveDuplicates();
            assertThat(cohort.size()).isLessThanOrEqualTo(decided.wanted());
            assertThat(again(decided)).isEqualTo(decided);
            assertThat(decided.candidates())
                    .filteredOn(Candidate::chosen)
                    .allMatch(candidate -> candidate.examples() > 0);
            assertThat(Draw.leftOut(decided))
                    .extracting(LeftOut::agent)
                    .isSorted()
                    .noneMatch(cohort::contains)
                    .hasSize(
                            decided.candidates().size() + decided.leftOut().size() - cohort.size());
        }
    }

    @Test
    void whoHasMoreExamplesIsDrawnMoreOften() {
        Map<AgentName, Integer> drawn = new HashMap<>();
        FleetSnapshot fleet = fleet(holding("ada", 10), holding("bob", 30), holding("cyd", 60));
        int rounds = 20_000;
        for (int round = 1; round <= rounds; round++) {
            Draw.cohort(drawn(fleet, new SelectionSpec.DataWeighted(0.34), 7, round))
                    .forEach(agent -> drawn.merge(agent, 1, Integer::sum));
        }

        assertThat(drawn.get(ADA) / (double) rounds).isCloseTo(0.1, within(0.01));
        assertThat(drawn.get(BOB) / (double) rounds).isCloseTo(0.3, within(0.01));
        assertThat(drawn.get(CYD) / (double) rounds).isCloseTo(0.6, within(0.01));
    }

    @Test
    void agentsTakeTurnsByNameAndAroundTheEnd() {
        FleetSnapshot fleet =
                fleet(agent("ada"), agent("bob"), agent("cyd"), agent("dan"), agent("eve"));
        List<String> cohorts = new ArrayList<>();
        AgentName after = null;
        for (int round = 1; round <= 5; round++) {
            SelectionView turn = inTurn(fleet, round, after);
            after = Draw.lastInTurn(turn);
            cohorts.add(Draw.cohort(turn) + " to " + after);
        }

        assertThat(cohorts)
                .containsExactly(
                        "[ada, bob] to bob",
                        "[cyd, dan] to dan",
                        "[ada, eve] to ada",
                        "[bob, cyd] to cyd",
                        "[dan, eve] to eve");
    }

    @Test
    void theTurnPassesOverThoseWhoAreGone() {
        SelectionView turn = inTurn(fleet(agent("ada"), agent("dan")), 2, BOB);

        assertThat(Draw.cohort(turn)).containsExactly(DAN);
    }

    @Test
    void ofThoseAskedTheLargestDifferencesAreChosen() {
        SelectionView decided =
                decided(
                        DIFFERENCE,
                        Map.of(
                                ADA, new Losses(2, 1.5, 4),
                                BOB, new Losses(1, 0.25, 4),
                                CYD, new Losses(3, 2.9, 4),
                                DAN, new Losses(1.5, 0.75, 4)));

        assertThat(Draw.cohort(decided)).containsExactly(BOB, DAN);
        assertThat(of(decided, BOB).score()).isEqualTo(0.75);
        assertThat(of(decided, ADA).reason())
                .isEqualTo("was not drawn for this round: by its loss difference, place 3 of 4");
    }

    @Test
    void whoNeverTrainedComesFirst() {
        SelectionView decided =
                decided(
                        DIFFERENCE,
                        Map.of(
                                ADA, new Losses(9, 0.0, 4),
                                BOB, new Losses(1, null, 4),
                                CYD, new Losses(1, null, 4),
                                DAN, new Losses(8, 0.0, 4)));

        assertThat(Draw.cohort(decided)).containsExactly(BOB, CYD);
        assertThat(of(decided, CYD).reason())
                .isEqualTo("never trained, so that it comes first, place 2 of 4");
    }

    @Test
    void whoWasVisitedInVainComesLastAndTheLeastVisitedOfThemFirst() {
        FleetSnapshot fleet = fleet(agent("ada"), agent("bob"), agent("cyd"), agent("dan"));
        Occasion occasion = new Occasion(DIFFERENCE, 42, 4, null, Map.of(ADA, 2, BOB, 1, CYD, 1));
        Selection.Asks asks =
                (Selection.Asks) Selection.begin(fleet, trainers(), occasion, Fleets::noObjection);

        SelectionView decided =
                Draw.decide(
                        Draw.told(
                                asks.view(),
                                Map.of(
                                        ADA, new Losses(9, null, 4),
                                        BOB, new Losses(1, null, 4),
                                        CYD, new Losses(1, 3.0, 4),
                                        DAN, new Losses(1, null, 4))));

        assertThat(Draw.cohort(decided)).containsExactly(CYD, DAN);
        assertThat(of(decided, DAN).reason()).endsWith("comes first, place 1 of 4");
        assertThat(of(decided, BOB).reason()).endsWith("comes last, place 3 of 4");
        assertThat(of(decided, ADA).reason())
                .endsWith(
                        "chosen 2 times without an adapter of its own, so that it comes last, place"
                                + " 4 of 4");
    }

    @Test
    void aSilentCandidateGoesByItsLastScoreWeakenedWithEveryRound() {
        SelectionView decided =
                decided(
                        DIFFERENCE,
                        Map.of(
                                ADA, new Losses(2, 1.0, 2), // two rounds ago: 1 * 0.9 * 0.9
                                BOB, new Losses(1, 0.2, 4),
                                CYD, new Losses(1, 0.1, 4),
                                DAN, new Losses(1, 0.9, 4)));

        assertThat(of(decided, ADA).score()).isCloseTo(0.81, within(1e-12));
        assertThat(Draw.cohort(decided)).containsExactly(ADA, CYD);
        assertThat(of(decided, ADA).reason())
                .isEqualTo("by its loss difference of 2 rounds ago, place 2 of 4");
    }

    @Test
    void aSilentCandidateWithoutAnyScoreIsNotChosenThoughOthersAreMissing() {
        SelectionView decided = decided(DIFFERENCE, Map.of(BOB, new Losses(1, 0.2, 4)));

        assertThat(Draw.cohort(decided)).containsExactly(BOB);
        assertThat(of(decided, ADA).reason())
                .isEqualTo(
                        "was not drawn for this round: it did not tell its loss, and no score of"
                                + " it is known");
    }

    @Test
    void anOldAnswerWithoutALossOfItsOwnIsNoScore() {
        SelectionView decided =
                decided(
                        DIFFERENCE,
                        Map.of(ADA, new Losses(1, null, 3), BOB, new Losses(1, 2.0, 4)));

        assertThat(Draw.cohort(decided)).containsExactly(BOB);
    }

    @Test
    void powerOfChoiceTakesTheLargestLossesOfTheGlobalModel() {
        SelectionView decided =
                decided(
                        new SelectionSpec.PowerOfChoice(0.5, 1.0, null),
                        Map.of(
                                ADA, new Losses(1.0, null, 4),
                                BOB, new Losses(2.0, null, 4),
                                CYD, new Losses(2.2, null, 3), // 1.98 by now
                                DAN, new Losses(1.99, null, 4)));

        assertThat(Draw.cohort(decided)).containsExactly(BOB, DAN);
        assertThat(of(decided, CYD).score()).isCloseTo(1.98, within(1e-12));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void asManyCandidatesAreAskedAsTheJobSays(long seed) {
        FleetSnapshot fleet =
                fleet(
                        IntStream.range(0, 10)
                                .mapToObj(i -> holding("agent-" + i, 5 + i))
                                .toArray(Agent[]::new));
        SelectionView half = asked(fleet, new SelectionSpec.PowerOfChoice(0.2, 0.5, null), seed);
        SelectionView all = asked(fleet, DIFFERENCE, seed);

        assertThat(half.wanted()).isEqualTo(2);
        assertThat(half.candidates()).filteredOn(Candidate::asked).hasSize(5);
        double lastAsked =
                half.candidates().stream()
                        .filter(Candidate::asked)
                        .mapToDouble(Candidate::key)
                        .max()
                        .orElseThrow();
        assertThat(half.candidates())
                .filteredOn(candidate -> !candidate.asked())
                .allMatch(candidate -> candidate.key() > lastAsked);
        assertThat(all.candidates()).allMatch(Candidate::asked).allMatch(c -> c.key() == null);
    }

    @Test
    void whoHasTooLittleIsLeftOutAndTheOthersGoByTheNextPolicy() {
        Agent small = agent("bob", equipped(400, 2, 10L), NOW);
        Agent slow = agent("cyd", equipped(1_000_000_000, 2, 9L), NOW);
        Agent silent = agent("dan", equipped(1_000_000_000, 2, null), NOW);
        Agent single = agent("eve", equipped(1_000_000_000, 1, 10L), NOW);
        Agent fit = agent("ada", equipped(1_000_000_000, 2, 10L), NOW);
        SelectionSpec policy =
                new SelectionSpec.ResourceAware(600_000_000L, 10L, 2, new SelectionSpec.Uniform(1));

        SelectionView drawn = drawn(fleet(fit, small, slow, silent, single), policy, 1, 1);

        assertThat(Draw.cohort(drawn)).containsExactly(ADA);
        assertThat(drawn.leftOut())
                .extracting(LeftOut::reason)
                .containsExactly(
                        "offers 0 MB of memory, but the model needs at least 500 MB",
                        "offers uplinkBytesPerSecond 9, but the job selects from 10 on",
                        "does not tell its uplinkBytesPerSecond, which the job asks for",
                        "offers processors 1, but the job selects from 2 on");
    }

    @Test
    void whenAllHaveTooLittleThatIsTheReasonWhyNobodyTakesPart() {
        SelectionSpec policy =
                new SelectionSpec.ResourceAware(null, null, 8, new SelectionSpec.All());

        assertThat(begin(fleet(agent("ada")), policy, 1, 1))
                .isEqualTo(
                        new Selection.Nobody(
                                "agent ada offers processors 2, but the job selects from 8 on"));
    }

    private static List<SelectionSpec> policies() {
        return List.of(
                new SelectionSpec.All(),
                new SelectionSpec.Uniform(0.4),
                new SelectionSpec.DataWeighted(0.4),
                new SelectionSpec.RoundRobin(0.4),
                new SelectionSpec.PowerOfChoice(0.3, null, null),
                new SelectionSpec.LossDifference(0.3, 0.8, 0.5, null),
                new SelectionSpec.ResourceAware(1L, null, null, DIFFERENCE));
    }

    private static SelectionView anyDraw(SelectionSpec policy, Random chance) {
        Agent[] agents =
                IntStream.range(0, 1 + chance.nextInt(12))
                        .mapToObj(i -> holding("agent-" + i, 1 + chance.nextInt(50)))
                        .toArray(Agent[]::new);
        return switch (begin(fleet(agents), policy, chance.nextLong(), 5)) {
            case Selection.Drawn drawn -> drawn.view();
            case Selection.Asks asks ->
                    Draw.decide(Draw.told(asks.view(), someLosses(asks, chance)));
            case Selection.Nobody nobody -> throw new AssertionError(nobody);
        };
    }

    private static Map<AgentName, Losses> someLosses(Selection.Asks asks, Random chance) {
        Map<AgentName, Losses> losses = new HashMap<>();
        for (Candidate candidate : asks.view().candidates()) {
            if (chance.nextInt(4) > 0) {
                Double own = chance.nextBoolean() ? chance.nextDouble() : null;
                int round = 5 - chance.nextInt(3);
                losses.put(candidate.agent(), new Losses(chance.nextDouble(), own, round));
            }
        }
        return losses;
    }

    /** Draws again: who is asked too, then what was told, then who is chosen. */
    private static SelectionView again(SelectionView decided) {
        SelectionView blank = forgetful(decided);
        return switch (Draw.rootOf(decided.policy())) {
            case SelectionSpec.PowerOfChoice p -> retold(Draw.ask(blank, p.candidates()), decided);
            case SelectionSpec.LossDifference d -> retold(Draw.ask(blank, d.candidates()), decided);
            default -> Draw.decide(blank);
        };
    }

    private static SelectionView retold(SelectionView asked, SelectionView decided) {
        Map<AgentName, Losses> told = new HashMap<>();
        for (Candidate c : decided.candidates()) {
            if (c.globalLoss() != null) {
                told.put(c.agent(), new Losses(c.globalLoss(), c.ownLoss(), c.lossRound()));
            }
        }
        return Draw.decide(Draw.told(asked, told));
    }

    /** Only what is known before anybody is asked. */
    private static SelectionView forgetful(SelectionView decided) {
        return new SelectionView(
                decided.round(),
                decided.policy(),
                decided.seed(),
                decided.after(),
                decided.wanted(),
                decided.candidates().stream()
                        .map(c ->
                                new Candidate(
                                        c.agent(),
                                        c.examples(),
                                        c.visits(),
                                        null,
                                        false,
                                        null,
                                        null,
                                        null,
                                        null,
                                        false,
                                        ""))
                        .toList(),
                decided.leftOut());
    }

    private static SelectionView decided(SelectionSpec policy, Map<AgentName, Losses> losses) {
        FleetSnapshot fleet = fleet(agent("ada"), agent("bob"), agent("cyd"), agent("dan"));
        Selection.Asks asks = (Selection.Asks) begin(fleet, policy, 42, 4);
        return Draw.decide(Draw.told(asks.view(), losses));
    }

    private static Candidate of(SelectionView view, AgentName agent) {
        return view.candidates().stream()
                .filter(candidate -> candidate.agent().equals(agent))
                .findFirst()
                .orElseThrow();
    }

    private static SelectionView asked(FleetSnapshot fleet, SelectionSpec policy, long seed) {
        return ((Selection.Asks) begin(fleet, policy, seed, 1)).view();
    }

    private static SelectionView drawn(
            FleetSnapshot fleet, SelectionSpec policy, long seed, int round) {
        return ((Selection.Drawn) begin(fleet, policy, seed, round)).view();
    }

    private static SelectionView inTurn(FleetSnapshot fleet, int round, @Nullable AgentName after) {
        Occasion occasion =
                new Occasion(new SelectionSpec.RoundRobin(0.5), 1, round, after, Map.of());
        return ((Selection.Drawn) Selection.begin(fleet, trainers(), occasion, Fleets::noObjection))
                .view();
    }

    private static Selection begin(
            FleetSnapshot fleet, SelectionSpec policy, long seed, int round) {
        return Selection.begin(
                fleet,
                trainers(),
                new Occasion(policy, seed, round, null, Map.of()),
                Fleets::noObjection);
    }

    private static Agent holding(String name, long examples) {
        return agent(name, capable(offer(MAIL, List.of("ham", "spam"), examples, 0)), NOW);
    }

    private static Capabilities equipped(long memoryBytes, int processors, @Nullable Long uplink) {
        Capabilities can = agent("x").capabilities();
        return new Capabilities(
                can.roles(),
                can.data(),
                can.families(),
                memoryBytes,
                processors,
                uplink,
                "cpu",
                "t");
    }
}
