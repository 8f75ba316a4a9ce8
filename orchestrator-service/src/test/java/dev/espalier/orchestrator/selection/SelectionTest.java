package dev.espalier.orchestrator.selection;

import static dev.espalier.orchestrator.selection.Fleets.MAIL;
import static dev.espalier.orchestrator.selection.Fleets.NOW;
import static dev.espalier.orchestrator.selection.Fleets.WINDOW;
import static dev.espalier.orchestrator.selection.Fleets.agent;
import static dev.espalier.orchestrator.selection.Fleets.capable;
import static dev.espalier.orchestrator.selection.Fleets.fleet;
import static dev.espalier.orchestrator.selection.Fleets.offer;
import static dev.espalier.orchestrator.selection.Fleets.trainers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.LeftOut;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Capabilities;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SelectionTest {

    private static final SelectionSpec ALL = new SelectionSpec.All();

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @Test
    void everyoneWhoIsAbleIsDrawnInOrderOfName() {
        SelectionView drawn = drawn(fleet(agent("eve"), agent("ada")), ALL, 1, 1);

        assertThat(Draw.cohort(drawn)).containsExactly(new AgentName("ada"), new AgentName("eve"));
        assertThat(Draw.leftOut(drawn)).isEmpty();
    }

    @Test
    void anEmptyFleetIsSaidToBeEmpty() {
        assertThat(nobody(fleet())).isEqualTo("no agent is enrolled");
    }

    @Test
    void aSilentAgentIsLeftOutWithTheTimeItWasLastHeardOf() {
        Agent silent = agent("bob", agent("x").capabilities(), NOW.minus(WINDOW).minusSeconds(1));

        assertThat(leftOut(silent))
                .isEqualTo("is not alive, last heard of at 2026-01-05T10:14:29Z");
    }

    @Test
    void anAgentHeardOfAWindowAgoIsStillAlive() {
        Agent quiet = agent("bob", agent("x").capabilities(), NOW.minus(WINDOW));

        assertThat(begin(fleet(quiet), ALL, 1, 1)).isInstanceOf(Selection.Drawn.class);
    }

    @Test
    void whoCanBeGivenNothingIsLeftOutWithTheReasonAndTheOthersGoAlongAsTheyWere() {
        Agent weak = agent("bob");
        Agent strong = agent("ada");
        Occasion occasion = new Occasion(ALL, 1, 1, null, Map.of());

        Selection.Drawn drawn =
                (Selection.Drawn)
                        Selection.begin(
                                fleet(weak, strong),
                                trainers(),
                                occasion,
                                agent ->
                                        agent == weak
                                                ? Optional.of("meets no tier")
                                                : Optional.empty());

        assertThat(drawn.eligible()).containsExactly(strong);
        assertThat(Draw.leftOut(drawn.view()))
                .containsExactly(new RoundView.LeftOut(weak.name(), "meets no tier"));
        assertThat(
                        Selection.begin(
                                fleet(weak),
                                trainers(),
                                occasion,
                                agent -> Optional.of("meets no tier")))
                .isEqualTo(new Selection.Nobody("agent bob meets no tier"));
    }

    @Test
    void anAgentWithOtherDataIsLeftOut() {
        DataName letters = new DataName("letters");

        assertThat(leftOut(offering(capable(offer(letters, List.of("ham"), 10, 0)))))
                .isEqualTo("offers 'letters', but the job needs 'mail'");
        assertThat(leftOut(offering(capable())))
                .isEqualTo("offers no data, but the job needs 'mail'");
    }

    @Test
    void anAgentWithForeignLabelsIsLeftOut() {
        assertThat(leftOut(offering(capable(offer(MAIL, List.of("ham", "news"), 10, 0)))))
                .isEqualTo(
                        "offers 'mail' with the labels [ham, news], but the job knows [ham, spam]");
    }

    @Test
    void anAgentThatHasSeenOnlySomeOfTheLabelsTakesPart() {
        Agent lucky = offering(capable(offer(MAIL, List.of("ham"), 10, 0)));

        assertThat(begin(fleet(lucky), ALL, 1, 1)).isInstanceOf(Selection.Drawn.class);
    }

    @Test
    void anAgentWithoutRowsIsLeftOut() {
        assertThat(leftOut(offering(capable(offer(MAIL, List.of("ham"), 0, 9)))))
                .isEqualTo("offers 'mail' without training rows");
    }

    @Test
    void anAgentOfAnotherFamilyIsLeftOut() {
        Capabilities can = agent("x").capabilities();
        Capabilities llama =
                new Capabilities(
                        can.roles(),
                        can.data(),
                        Set.of("llama", "opt"),
                        can.memoryBytes(),
                        2,
                        null,
                        "cpu",
                        "t");

        assertThat(leftOut(offering(llama)))
                .isEqualTo("offers 'llama', 'opt', but the job needs the model family 'bert'");
    }

    @Test
    void anAgentWithTooLittleMemoryIsLeftOut() {
        Capabilities can = agent("x").capabilities();
        Capabilities small =
                new Capabilities(
                        can.roles(), can.data(), can.families(), 250_000_000, 2, null, "cpu", "t");

        assertThat(leftOut(offering(small)))
                .isEqualTo("offers 250 MB of memory, but the model needs at least 500 MB");
    }

    @Test
    void anAgentThatOnlyEvaluatesDoesNotTrain() {
        Capabilities can = agent("x").capabilities();
        Capabilities judge =
                new Capabilities(
                        Set.of(AgentRole.EVALUATE),
                        can.data(),
                        can.families(),
                        1L << 40,
                        2,
                        null,
                        "cpu",
                        "t");

        assertThat(leftOut(offering(judge))).isEqualTo("has not the role TRAIN");
    }

    @Test
    void whenNobodyIsAbleTheReasonsOfAllAreGiven() {
        Agent silent = agent("ada", agent("x").capabilities(), NOW.minusSeconds(100));
        Agent poor = offering(capable());

        assertThat(nobody(fleet(silent, poor)))
                .isEqualTo(
                        "agent ada is not alive, last heard of at 2026-01-05T10:13:50Z; agent bob"
                                + " offers no data, but the job needs 'mail'");
    }

    @Test
    void ofManyReasonsOnlyTheFirstAreSpelledOut() {
        Agent[] poor =
                IntStream.range(0, 12)
                        .mapToObj(i -> agent("a" + (char) ('a' + i), capable(), NOW))
                        .toArray(Agent[]::new);

        assertThat(nobody(fleet(poor))).endsWith("; and 2 more").doesNotContain("agent ak");
    }

    @Test
    void afterARestartThoseWhoWereAliveAreWaitedFor() {
        Agent back = agent("ada");
        Agent away = agent("bob", back.capabilities(), NOW.minusSeconds(90));
        FleetSnapshot restarted =
                new FleetSnapshot(
                        List.of(back, away),
                        NOW,
                        WINDOW,
                        NOW.plusSeconds(35),
                        NOW.minusSeconds(5),
                        Optional.of(NOW.minusSeconds(85)));

        assertThat(nobody(restarted))
                .isEqualTo(
                        "agent bob; alive before this server was restarted, awaited until"
                                + " 2026-01-05T10:16:05Z");
    }

    @Test
    void afterAWhileThoseWhoDidNotReturnAreNotWaitedFor() {
        Agent back = agent("ada");
        Agent away = agent("bob", back.capabilities(), NOW.minusSeconds(90));
        FleetSnapshot later =
                new FleetSnapshot(
                        List.of(back, away),
                        NOW,
                        WINDOW,
                        NOW,
                        NOW.minusSeconds(40),
                        Optional.of(NOW.minusSeconds(85)));

        assertThat(begin(later, ALL, 1, 1))
                .isInstanceOfSatisfying(
                        Selection.Drawn.class,
                        drawn ->
                                assertThat(Draw.cohort(drawn.view())).containsExactly(back.name()));
    }

    @Test
    void thoseWhoWereGoneBeforeTheRestartAreNotWaitedFor() {
        Agent back = agent("ada");
        Agent gone = agent("bob", back.capabilities(), NOW.minusSeconds(86400));
        FleetSnapshot restarted =
                new FleetSnapshot(
                        List.of(back, gone),
                        NOW,
                        WINDOW,
                        NOW.plusSeconds(35),
                        NOW.minusSeconds(5),
                        Optional.of(NOW.minusSeconds(85)));

        assertThat(begin(restarted, ALL, 1, 1)).isInstanceOf(Selection.Drawn.class);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aUniformDrawDependsOnNothingButFleetSeedAndRound(long seed) {
        SelectionSpec half = new SelectionSpec.Uniform(0.5);
        Agent[] agents = {agent("ada"), agent("bob"), agent("cyd"), agent("dan"), agent("eve")};
        Agent[] reversed = {agents[4], agents[3], agents[2], agents[1], agents[0]};

        Selection first = begin(fleet(agents), half, seed, 3);
        Selection again = begin(fleet(reversed), half, seed, 3);

        assertThat(again).isEqualTo(first);
        SelectionView drawn = ((Selection.Drawn) first).view();
        assertThat(Draw.cohort(drawn)).hasSize(2).isSorted().doesNotHaveDuplicates();
        assertThat(Draw.leftOut(drawn))
                .extracting(LeftOut::reason)
                .containsExactlyInAnyOrder(
                        "was not drawn for this round: by the seed, place 3 of 5",
                        "was not drawn for this round: by the seed, place 4 of 5",
                        "was not drawn for this round: by the seed, place 5 of 5");
    }

    @Test
    void overManyRoundsEveryoneHasTheirTurn() {
        SelectionSpec one = new SelectionSpec.Uniform(0.2);
        FleetSnapshot fleet =
                fleet(agent("ada"), agent("bob"), agent("cyd"), agent("dan"), agent("eve"));

        Set<AgentName> drawn =
                IntStream.rangeClosed(1, 60)
                        .mapToObj(round -> drawn(fleet, one, 7, round))
                        .flatMap(selection -> Draw.cohort(selection).stream())
                        .collect(Collectors.toSet());

        assertThat(drawn).hasSize(5);
    }

    private static Agent offering(Capabilities capabilities) {
        return agent("bob", capabilities, NOW);
    }

    private static String leftOut(Agent agent) {
        return Draw.leftOut(drawn(fleet(agent, agent("zoe")), ALL, 1, 1)).getFirst().reason();
    }

    private static String nobody(FleetSnapshot fleet) {
        return ((Selection.Nobody) begin(fleet, ALL, 1, 1)).reason();
    }

    private static SelectionView drawn(
            FleetSnapshot fleet, SelectionSpec policy, long seed, int round) {
        return ((Selection.Drawn) begin(fleet, policy, seed, round)).view();
    }

    private static Selection begin(
            FleetSnapshot fleet, SelectionSpec policy, long seed, int round) {
        return Selection.begin(
                fleet,
                trainers(),
                new Occasion(policy, seed, round, null, Map.of()),
                Fleets::noObjection);
    }
}
