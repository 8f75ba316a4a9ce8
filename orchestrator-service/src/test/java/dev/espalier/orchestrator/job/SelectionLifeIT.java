package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.Client;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.SelectionView.Candidate;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.HeadPlan;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Rounds whose cohort is chosen by losses, whose heads are pruned, whose last version is special.
 */
@Simulated
class SelectionLifeIT {

    private static final String ONE_BY_LOSS =
            "\"selection\": {\"policy\": \"LOSS_DIFFERENCE\", \"fraction\": 0.4}";
    private static final String HALF_THE_HEADS =
            "\"pruning\": {\"heads\": {\"sparsity\": 0.5}}, \"aggregation\": {\"rule\":"
                    + " \"HEAD_WEIGHTED\"}";

    @Autowired Federation federation;
    @Autowired Rounds rounds;
    @Autowired JdbcClient database;

    private SimulatedAgent ada;
    private SimulatedAgent bob;
    private SimulatedAgent cyd;

    @BeforeEach
    void emptyFleet() throws Exception {
        database.sql("delete from orchestrator.agent").update();
        database.sql(
                        "update orchestrator.assignment set state = 'OVER', reason = 'of an earlier"
                                + " test' where state in ('PLANNED', 'OFFERED', 'FETCHED')")
                .update();
        ada = federation.trainer("ada");
        bob = federation.trainer("bob");
        cyd = federation.trainer("cyd");
        for (SimulatedAgent agent : List.of(ada, bob, cyd)) {
            agent.enrol();
        }
    }

    @Test
    void candidatesTellTheirLossesBeforeTheCohortIsDrawn() throws Exception {
        JobId job = federation.submit("asking", 1, ONE_BY_LOSS, "null");
        federation.settle(job);

        assertThat(round(job).state()).isEqualTo(RoundState.SCORING);
        assertThat(round(job).clients()).isEmpty();
        assertThat(selection(job, 1).candidates())
                .allMatch(Candidate::asked)
                .noneMatch(Candidate::chosen);
        for (SimulatedAgent agent : List.of(ada, bob)) {
            agent.poll();
            assertThat(agent.work())
                    .isInstanceOfSatisfying(
                            Assignment.Score.class,
                            score -> {
                                assertThat(score.alsoOwn()).isTrue();
                                assertThat(score.samples()).isEqualTo(256);
                                assertThat(score.adapter()).hasToString("asking@1");
                            });
            agent.act();
            federation.settle(job);
            assertThat(round(job).state()).isEqualTo(RoundState.SCORING);
        }
        score(cyd);
        federation.settle(job);

        assertThat(round(job).state()).isEqualTo(RoundState.GATHERING);
        assertThat(cohort(job)).containsExactly(ada.name()); // all are new: the lowest name
        assertThat(types(job)).containsSubsequence("candidates-asked", "round-started");
        assertThat(round(job).cost()).isEqualTo(new Cost(0, 0, 0, 3 * 7));
        assertThat(round(job).traffic().bytesDown()).isEqualTo(300);
        assertThat(round(job).clients().getFirst().lossBefore()).isEqualTo(ada.lossIn(1));
    }

    @Test
    void eachClientIsVisitedOnceBeforeTheLargestDifferencesAreTaken() throws Exception {
        JobId job = federation.submit("visits", 4, ONE_BY_LOSS, "null");

        carryThrough(job, ada, bob, cyd);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        AgentName largest =
                List.of(ada, bob, cyd).stream()
                        .max((a, b) -> Double.compare(a.lossIn(4), b.lossIn(4)))
                        .orElseThrow()
                        .name();
        assertThat(federation.rounds(job))
                .extracting(view -> view.clients().getFirst().agent())
                .containsExactly(ada.name(), bob.name(), cyd.name(), largest);
        for (RoundView view : federation.rounds(job)) {
            SelectionView recorded = selection(job, view.number());
            assertThat(Draw.decide(recorded)).isEqualTo(recorded);
        }
        Client last = round(job).clients().getFirst();
        assertThat(last.cost()).isEqualTo(new Cost(1000, 400, 500, 57));
        assertThat(round(job).cost()).isEqualTo(new Cost(1000, 400, 500, 50 + 3 * 7));
    }

    @Test
    void anAgentThatCannotTrainCostsOneRoundAndNoMore() throws Exception {
        ada.breakTraining();
        JobId job = federation.submit("unable", 6, ONE_BY_LOSS, "null");

        carryThrough(job, ada, bob, cyd);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(federation.rounds(job))
                .extracting(RoundView::state)
                .containsExactly(
                        RoundState.VOID,
                        RoundState.COMPLETED,
                        RoundState.COMPLETED,
                        RoundState.COMPLETED,
                        RoundState.COMPLETED,
                        RoundState.COMPLETED);
        assertThat(federation.rounds(job).subList(0, 3))
                .extracting(view -> view.clients().getFirst().agent())
                .containsExactly(ada.name(), bob.name(), cyd.name());
        Candidate last = selection(job, 6).candidates().getFirst();
        assertThat(last.visits()).isEqualTo(1);
        assertThat(last.reason())
                .endsWith(
                        "chosen 1 time without an adapter of its own, so that it comes last, place"
                                + " 3 of 3");
        for (RoundView view : federation.rounds(job)) {
            SelectionView recorded = selection(job, view.number());
            assertThat(Draw.decide(recorded)).isEqualTo(recorded);
        }
    }

    @Test
    void whoIsSilentGoesByItsLastScore() throws Exception {
        JobId job = federation.submit("silence", 4, ONE_BY_LOSS, "null");
        for (int turn = 0; turn < 40 && federation.rounds(job).size() < 4; turn++) {
            federation.settle(job);
            for (SimulatedAgent agent : List.of(ada, bob, cyd)) {
                if (federation.rounds(job).size() < 4) {
                    agent.act();
                    federation.settle(job);
                }
            }
        }
        assertThat(round(job).state()).isEqualTo(RoundState.SCORING);

        federation.clock.pass(Duration.ofMinutes(2));
        federation.settle(job);

        SelectionView drawn = selection(job, 4);
        assertThat(drawn.candidates()).extracting(Candidate::lossRound).containsExactly(3, 3, 3);
        // cyd had not trained when it told its losses last, so that it has no score
        assertThat(drawn.candidates().getLast().reason()).contains("no score of it is known");
        assertThat(drawn.candidates().getFirst().score())
                .isEqualTo((ada.lossIn(3) - ada.lossIn(3) / 2) * 0.9);
        assertThat(Draw.decide(drawn)).isEqualTo(drawn);
        assertThat(cohort(job)).hasSize(1).doesNotContain(cyd.name());
    }

    @Test
    void whenNobodyTellsALossTheRoundIsVoid() {
        JobId job = federation.submit("deaf", 2, ONE_BY_LOSS, "null");
        federation.settle(job);
        federation.clock.pass(Duration.ofSeconds(119));
        federation.settle(job);
        assertThat(federation.view(job).waitingFor())
                .startsWith("losses are missing of ada, bob, cyd, none of whom is alive");

        federation.clock.pass(Duration.ofSeconds(1));
        federation.settle(job);

        RoundView first = federation.rounds(job).getFirst();
        assertThat(first.state()).isEqualTo(RoundState.VOID);
        assertThat(first.reason())
                .isEqualTo(
                        "none of the 3 agents asked told a loss, and no score of theirs is known");
        assertThat(first.leftOut()).hasSize(3);
    }

    @Test
    void anAgentThatLeftAfterItsAnswerIsNotChosen() throws Exception {
        JobId job = federation.submit("leaver", 1, ONE_BY_LOSS, "null");
        federation.settle(job);
        score(ada);
        score(bob);
        ada.leave();
        score(cyd);
        federation.settle(job);

        assertThat(cohort(job)).containsExactly(bob.name());
        SelectionView drawn = selection(job, 1);
        assertThat(Draw.decide(drawn)).isEqualTo(drawn);
    }

    @Test
    void aCancelledJobStopsItsCandidates() throws Exception {
        JobId job = federation.submit("called-off", 1, ONE_BY_LOSS, "null");
        federation.settle(job);
        ada.poll();

        federation.jobs().cancel(job);

        assertThat(ada.progress().action()).isEqualTo(Directive.Action.STOP);
        assertThat(federation.settle(job)).isEqualTo(Pace.NEVER);
        assertThat(round(job).state()).isEqualTo(RoundState.CANCELLED);
        bob.poll();
        assertThat(bob.work()).isNull();
    }

    @Test
    void aJobPausedWhileCandidatesAreAskedFinishesThatRound() throws Exception {
        JobId job = federation.submit("halted", 2, ONE_BY_LOSS, "null");
        federation.settle(job);
        federation.jobs().pause(job);

        carryThrough(job, ada, bob, cyd);

        assertThat(federation.view(job).state()).isEqualTo(JobState.PAUSED);
        assertThat(federation.rounds(job)).hasSize(1);
        assertThat(round(job).state()).isEqualTo(RoundState.COMPLETED);
    }

    @Test
    void agentsTakeTurnsFromRoundToRound() throws Exception {
        JobId job =
                federation.submit(
                        "turns",
                        3,
                        "\"selection\": {\"policy\": \"ROUND_ROBIN\", \"fraction\": 0.7}",
                        "null");

        carryThrough(job, ada, bob, cyd);

        assertThat(federation.rounds(job))
                .extracting(view -> view.clients().stream().map(c -> c.agent().value()).toList())
                .containsExactly(
                        List.of("ada", "bob"), List.of("ada", "cyd"), List.of("bob", "cyd"));
        assertThat(selection(job, 2).after()).isEqualTo(bob.name());
    }

    @Test
    void anAssignmentSaysHowManyHeadsAreKept() throws Exception {
        JobId job = federation.submit("pruned", 1, HALF_THE_HEADS, "null");
        federation.settle(job);
        ada.poll();

        HeadPlan plan = Objects.requireNonNull(((Assignment.Train) ada.work()).heads());
        assertThat(plan.sparsity()).isEqualTo(new BigDecimal("0.5"));
        assertThat(plan.allowance().atMost()).isEqualTo(1);
        assertThat(plan.allowance().forced()).isEmpty();
        carryThrough(job, ada, bob, cyd);
        assertThat(round(job).clients()).extracting(Client::keptHeads).containsOnly(1);
    }

    @Test
    void theSparsityClimbsFromRoundToRound() throws Exception {
        JobId job =
                federation.submit(
                        "climbing",
                        3,
                        "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"initialSparsity\": 0}}",
                        "null");

        carryThrough(job, ada, bob, cyd);

        assertThat(federation.rounds(job))
                .extracting(view -> view.clients().getFirst().keptHeads())
                .containsExactly(2, 2, 1); // of 2 heads at 0, 0.25 and 0.5
    }

    @Test
    void aHeadThatNobodyKeptForThreeRoundsIsForcedUponOneClient() throws Exception {
        String overTheWholeModel =
                HALF_THE_HEADS.replace(
                        "\"sparsity\": 0.5", "\"sparsity\": 0.5, \"ranking\": \"GLOBAL\"");
        JobId job = federation.submit("starving", 5, overTheWholeModel, "null");

        carryThrough(job, ada, bob, cyd);

        assertThat(rounds.heads(job))
                .extracting(told -> told.blocks().getFirst().contributors())
                .containsExactly(
                        List.of(3, 0), List.of(3, 0), List.of(3, 0), List.of(2, 1), List.of(3, 0));
        assertThat(rounds.heads(job))
                .extracting(told -> told.planned().starved().rounds().getFirst())
                .containsExactly(
                        List.of(0, 0), List.of(0, 1), List.of(0, 2), List.of(0, 3), List.of(0, 0));
        assertThat(rounds.heads(job).get(3).planned().forced())
                .singleElement()
                .extracting(PlannedHeads.Forced::block, PlannedHeads.Forced::head)
                .containsExactly("bert.encoder.layer.0.attention", 1);
        List<Object> forced =
                federation.events(job).stream()
                        .filter(event -> event.type().equals("round-started"))
                        .map(event -> event.data().get("headsForced"))
                        .toList();
        assertThat(forced)
                .extracting(heads -> ((List<?>) heads).size())
                .containsExactly(0, 0, 0, 1, 0);
        assertThat((Map<?, ?>) ((List<?>) forced.get(3)).getFirst())
                .extracting("block", "head")
                .containsExactly("bert.encoder.layer.0.attention", 1);
    }

    @Test
    void theLastVersionAloneIsShownTheFinalData() throws Exception {
        SimulatedAgent eve = federation.judge("eve");
        eve.enrol();
        JobId job =
                federation.submit(
                        "final",
                        2,
                        "\"quorum\": 1",
                        "{\"data\": \"mail-test\", \"finalData\": \"mail-final\"}");

        carryThrough(job, ada, bob, cyd, eve);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        RoundView.Evaluation told =
                new RoundView.Evaluation(
                        20,
                        0.6,
                        0.75,
                        0.7,
                        null,
                        null,
                        null,
                        List.of(new RoundView.OfAgent(eve.name(), 20, 0.6, 0.75, null)));
        assertThat(federation.rounds(job))
                .extracting(RoundView::evaluation)
                .containsExactly(told, told);
        assertThat(federation.rounds(job))
                .extracting(RoundView::finalEvaluation)
                .containsExactly(null, told);
        assertThat(
                        federation.registry.metrics(
                                federation.view(job).latest(), new DataName("mail-final")))
                .isPresent();
        assertThat(
                        federation.registry.metrics(
                                federation.rounds(job).getFirst().published(),
                                new DataName("mail-final")))
                .isEmpty();
    }

    @Test
    void lossesSurviveInTheDatabase() throws Exception {
        JobId job = federation.submit("kept", 2, ONE_BY_LOSS, "null");

        carryThrough(job, ada, bob, cyd);

        List<Integer> told =
                database.sql(
                                "select round from orchestrator.client_loss where job = ? order by"
                                        + " agent")
                        .param(job.value())
                        .query(Integer.class)
                        .list();
        assertThat(told).containsExactly(2, 2, 2);
    }

    private static void score(SimulatedAgent agent) throws Exception {
        agent.poll();
        assertThat(agent.work()).isInstanceOf(Assignment.Score.class);
        agent.act();
    }

    private void carryThrough(JobId job, SimulatedAgent... agents) throws Exception {
        for (int turn : IntStream.range(0, 60).toArray()) {
            federation.settle(job);
            for (SimulatedAgent agent : agents) {
                agent.act();
            }
            if (federation.view(job).state().isFinal()) {
                return;
            }
        }
    }

    private List<AgentName> cohort(JobId job) {
        return round(job).clients().stream().map(Client::agent).toList();
    }

    private RoundView round(JobId job) {
        return federation.rounds(job).getLast();
    }

    private SelectionView selection(JobId job, int number) {
        return rounds.selection(job, number).orElseThrow();
    }

    private List<String> types(JobId job) {
        return federation.events(job).stream().map(JobEvent::type).toList();
    }
}
