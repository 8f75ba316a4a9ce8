package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.Client;
import dev.espalier.protocol.job.RoundView.ClientOutcome;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Directive;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The lives that a job may have, each told step by step on virtual time. */
@Simulated
class JobLifeIT {

    @Autowired Federation federation;
    @Autowired JdbcClient database;

    private SimulatedAgent ada;
    private SimulatedAgent bob;
    private SimulatedAgent eve;

    @BeforeEach
    void emptyFleet() {
        database.sql("delete from orchestrator.agent").update();
        database.sql(
                        "update orchestrator.assignment set state = 'OVER', reason = 'of an earlier"
                                + " test' where state in ('PLANNED', 'OFFERED', 'FETCHED')")
                .update();
        ada = federation.trainer("ada");
        bob = federation.trainer("bob");
        eve = federation.judge("eve");
    }

    @Test
    void aJobRunsItsRoundsAndPublishesAdapterAndMergedModel() throws Exception {
        enrol(ada, bob, eve);
        JobId job = federation.submit("happy", 2, true, 1);

        carryThrough(job, ada, bob, eve);

        JobView view = federation.view(job);
        assertThat(view.state()).isEqualTo(JobState.COMPLETED);
        assertThat(view.round()).isEqualTo(2);
        assertThat(view.latest()).hasToString("happy@3");
        assertThat(view.merged()).hasToString("happy-merged@1");
        assertThat(federation.registry.alias(new ModelName("happy"), new AliasName("champion")))
                .hasValue(3);
        assertThat(federation.registry.metrics(view.latest(), new DataName("mail-test")))
                .hasValueSatisfying(
                        metrics -> assertThat(metrics.values()).containsEntry("accuracy", 0.75));
        assertThat(types(job))
                .containsSubsequence(
                        "job-submitted",
                        "job-prepared",
                        "round-started",
                        "assignment-fetched",
                        "update-accepted",
                        "round-sealed",
                        "version-published",
                        "evaluation-started",
                        "round-evaluated",
                        "round-completed",
                        "round-started",
                        "job-finishing",
                        "job-completed")
                .endsWith("job-completed")
                .doesNotContain("client-progress");
    }

    @Test
    void aCompletedRoundTellsEverythingAboutItself() throws Exception {
        enrol(ada, bob, eve);
        JobId job = federation.submit("telling", 1, true, 1);

        carryThrough(job, ada, bob, eve);

        RoundView round = federation.rounds(job).getFirst();
        assertThat(round.state()).isEqualTo(RoundState.COMPLETED);
        assertThat(round.parent()).hasToString("telling@1");
        assertThat(round.published()).hasToString("telling@2");
        assertThat(round.evaluation())
                .isEqualTo(
                        new RoundView.Evaluation(
                                20,
                                0.6,
                                0.75,
                                0.7,
                                null,
                                null,
                                null,
                                List.of(new RoundView.OfAgent(eve.name(), 20, 0.6, 0.75, null))));
        // two modules [8, 8] with A [2, 8] and B [8, 2], a task head [2, 8] with bias: 82 values
        assertThat(round.traffic())
                .isEqualTo(
                        new RoundView.Traffic(2000, 200, 2400, 1000, 800, 2 * 4 * 82, 2 * 4 * 82));
        assertThat(round.timing().training()).isEqualTo(7.0);
        assertThat(round.timing().aggregation()).isEqualTo(0.25);
        assertThat(round.clients())
                .extracting(Client::outcome)
                .containsExactly(ClientOutcome.ACCEPTED, ClientOutcome.ACCEPTED);
        assertThat(round.leftOut().getFirst())
                .isEqualTo(new RoundView.LeftOut(eve.name(), "has not the role TRAIN"));
    }

    @Test
    void aJobWithoutAgentsWaitsAndSaysSo() throws Exception {
        JobId job = federation.submit("lonely", 1, false, 1);

        assertThat(federation.settle(job)).isEqualTo(Pace.LATER);
        assertThat(federation.view(job).state()).isEqualTo(JobState.RUNNING);
        assertThat(federation.view(job).waitingFor()).isEqualTo("no agent is enrolled");

        enrol(ada);
        carryThrough(job, ada);
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(federation.view(job).waitingFor()).isNull();
    }

    @Test
    void atTheDeadlineAQuorumIsEnough() throws Exception {
        enrol(ada, bob);
        JobId job = federation.submit("quorum", 1, false, 0.5);
        federation.settle(job);
        train(ada);
        bob.poll();
        federation.settle(job);
        assertThat(round(job).state()).isEqualTo(RoundState.GATHERING);

        federation.clock.pass(Duration.ofMinutes(10));
        federation.settle(job);
        federation.settle(job);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(round(job).clients())
                .extracting(Client::outcome)
                .containsExactly(ClientOutcome.ACCEPTED, ClientOutcome.MISSED);
        assertThat(bob.progress().action()).isEqualTo(Directive.Action.STOP);
        assertThat(bob.finish("{\"kind\": \"FAILED\", \"reason\": \"late\", \"bytesDown\": 0}"))
                .isEqualTo(409);
    }

    @Test
    void withoutAQuorumARoundIsVoidAndThreeInARowEndTheJob() throws Exception {
        enrol(ada, bob);
        JobId job = federation.submit("void", 9, false, 1);
        for (int round = 1; round <= 3; round++) {
            federation.settle(job);
            federation.clock.pass(Duration.ofMinutes(10));
            enrol(ada, bob); // alive all the time, but never at work
            federation.settle(job);
        }

        JobView view = federation.view(job);
        assertThat(view.state()).isEqualTo(JobState.FAILED);
        assertThat(view.reason())
                .isEqualTo(
                        "3 rounds in a row published nothing; the last one because 0 of 2 needed"
                                + " updates came in time: ada never fetched its work; bob never"
                                + " fetched its work");
        assertThat(view.latest()).hasToString("void@1");
        assertThat(federation.rounds(job))
                .extracting(RoundView::state)
                .containsOnly(RoundState.VOID)
                .hasSize(3);
        assertThat(federation.aggregation.state(round(job).id()))
                .isEqualTo(RoundSessionView.State.CANCELLED);
    }

    @Test
    void aRefusedUpdateHarmsNobodyElse() throws Exception {
        enrol(ada, bob);
        JobId job = federation.submit("refused", 1, false, 0.5);
        federation.settle(job);
        train(ada);
        federation.aggregation.reject(round(job).id(), bob.name(), "it has a NaN");
        federation.settle(job);
        federation.settle(job);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(round(job).clients().getLast().outcome()).isEqualTo(ClientOutcome.REJECTED);
        assertThat(round(job).clients().getLast().reason()).isEqualTo("it has a NaN");
        assertThat(types(job)).contains("update-rejected");
    }

    @Test
    void aRoundWithoutHopeIsGivenUpAtOnce() throws Exception {
        enrol(ada, bob);
        JobId job = federation.submit("hopeless", 2, false, 1);
        federation.settle(job);
        bob.poll();
        bob.finish("{\"kind\": \"FAILED\", \"reason\": \"disk full\", \"bytesDown\": 7}");
        federation.settle(job);

        RoundView first = federation.rounds(job).getFirst();
        assertThat(first.state()).isEqualTo(RoundState.VOID);
        assertThat(first.reason())
                .isEqualTo(
                        "0 of 2 needed updates can still come: ada never fetched its work; bob"
                                + " failed: disk full")
                .isNotNull();
        assertThat(first.traffic().bytesDown()).isEqualTo(7);
        assertThat(federation.view(job).state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void aPausedJobFinishesItsRoundAndBeginsNoOther() throws Exception {
        enrol(ada, bob);
        JobId job = federation.submit("paused", 2, false, 1);
        federation.settle(job);
        federation.jobs().pause(job);
        carryThrough(job, ada, bob);

        assertThat(federation.view(job).state()).isEqualTo(JobState.PAUSED);
        assertThat(federation.rounds(job)).hasSize(1);
        assertThat(round(job).state()).isEqualTo(RoundState.COMPLETED);

        federation.jobs().resume(job);
        carryThrough(job, ada, bob);
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
    }

    @Test
    void aJobPausedBeforeItsFirstAdapterGoesOnWhenResumed() throws Exception {
        enrol(ada);
        JobId job = federation.submit("early", 1, false, 1);
        federation.jobs().pause(job);
        assertThat(federation.settle(job)).isEqualTo(Pace.LATER);
        assertThat(federation.view(job).latest()).isNull();

        federation.jobs().resume(job);
        carryThrough(job, ada);
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
    }

    @Test
    void aCancelledJobStopsItsAgentsAndClosesItsSession() throws Exception {
        enrol(ada, bob);
        JobId job = federation.submit("cancelled", 2, false, 1);
        federation.settle(job);
        ada.poll();

        assertThat(federation.jobs().cancel(job)).isInstanceOf(Change.Done.class);
        assertThat(federation.jobs().cancel(job)).isInstanceOf(Change.Done.class);
        assertThat(federation.jobs().resume(job)).isInstanceOf(Change.Ended.class);
        Directive directive = ada.progress();
        assertThat(directive)
                .isEqualTo(new Directive(Directive.Action.STOP, "the job was cancelled"));
        bob.poll();
        assertThat(bob.work()).isNull();
        assertThat(federation.settle(job)).isEqualTo(Pace.NEVER);
        assertThat(round(job).state()).isEqualTo(RoundState.CANCELLED);
        assertThat(federation.aggregation.state(round(job).id()))
                .isEqualTo(RoundSessionView.State.CANCELLED);
        assertThat(types(job)).endsWith("round-cancelled", "job-cancelled");
    }

    @Test
    void withoutAnEvaluatorTheRoundEndsAtItsDeadlineAndSaysSo() throws Exception {
        enrol(ada);
        JobId job = federation.submit("unjudged", 1, true, 1);
        federation.settle(job);
        train(ada);
        federation.settle(job);
        federation.settle(job);
        assertThat(federation.view(job).waitingFor())
                .startsWith("evaluation waits until 2026-")
                .contains("for an EVALUATE agent that offers 'mail-test'")
                .endsWith("agent ada has not the role EVALUATE");

        federation.clock.pass(Duration.ofMinutes(10));
        federation.settle(job);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(round(job).evaluation()).isNull();
        assertThat(round(job).reason()).startsWith("not evaluated: no agent evaluated it by");
    }

    @Test
    void aRegistryThatRefusesAResultEndsNoJob() throws Exception {
        enrol(ada, eve);
        JobId job = federation.submit("refused-result", 2, true, 1);
        federation.registry.refuseMetrics(true);
        try {
            carryThrough(job, ada, eve);
        } finally {
            federation.registry.refuseMetrics(false);
        }

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(round(job).evaluation()).isNotNull();
        assertThat(round(job).reason())
                .startsWith("its result on 'mail-test' is not in the registry: the model registry")
                .endsWith("not these (test)");
    }

    @Test
    void anEvaluatorThatVanishesHoldsNothingUp() throws Exception {
        enrol(ada, eve);
        JobId job = federation.submit("vanished", 1, true, 1);
        federation.settle(job);
        train(ada);
        federation.settle(job);
        federation.settle(job);
        eve.poll();
        assertThat(eve.work()).isInstanceOf(Assignment.Evaluate.class);
        federation.clock.pass(Duration.ofMinutes(2));
        federation.settle(job);
        assertThat(federation.view(job).waitingFor())
                .contains("evaluation waits until")
                .endsWith("for eve, none of whom is alive");

        federation.clock.pass(Duration.ofMinutes(8));
        federation.settle(job);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(round(job).reason()).contains("eve did not answer by");
    }

    @Test
    void aSilentNeighbourIsWaitedFor() throws Exception {
        enrol(ada);
        JobId job = federation.submit("patient", 1, false, 1);
        federation.aggregation.outage().begin();
        try {
            assertThat(federation.settle(job)).isEqualTo(Pace.LATER);
            assertThat(federation.view(job).waitingFor())
                    .isEqualTo("the aggregation service does not answer (test)");
        } finally {
            federation.aggregation.outage().end();
        }
        carryThrough(job, ada);
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
    }

    @Test
    void aRoundThatCouldNotBeOpenedForLongGetsItsWholeTimeAnew() throws Exception {
        enrol(ada);
        JobId job = federation.submit("late", 1, false, 1);
        federation.step(job); // the first adapter
        federation.step(job); // the draw
        federation.aggregation.outage().begin();
        try {
            federation.settle(job);
            federation.clock.pass(Duration.ofMinutes(30));
        } finally {
            federation.aggregation.outage().end();
        }
        federation.settle(job);
        ada.poll();

        Assignment work = ada.work();
        assertThat(work).isNotNull();
        assertThat(work.deadline())
                .isEqualTo(federation.clock.instant().plus(Duration.ofMinutes(10)))
                .isEqualTo(round(job).deadline());
    }

    @Test
    void anAgentThatLostItsWorkIsGivenTheSameAgainWithTheSameToken() throws Exception {
        enrol(ada);
        JobId job = federation.submit("again", 1, false, 1);
        federation.settle(job);
        ada.poll();
        Assignment first = ada.work();
        ada.forget();
        ada.poll();

        assertThat(ada.work()).isEqualTo(first);
        assertThat(((Assignment.Train) first).uploadToken()).matches("[A-Za-z0-9_-]{43}");
        List<String> stored =
                database.sql("select work from orchestrator.assignment where job = ?")
                        .param(job.value())
                        .query(String.class)
                        .list();
        assertThat(stored).noneMatch(row -> row.contains(((Assignment.Train) first).uploadToken()));
    }

    @Test
    void aBusyTrainerIsNotDrawnWhileNobodyIsAlive() throws Exception {
        enrol(ada);
        JobId job = federation.submit("silent", 1, false, 1);
        federation.settle(job);
        ada.poll();
        federation.clock.pass(Duration.ofMinutes(2));
        federation.settle(job);

        assertThat(federation.view(job).waitingFor())
                .startsWith("updates are missing of ada, none of whom is alive; the round ends by");
    }

    private static void enrol(SimulatedAgent... agents) throws Exception {
        for (SimulatedAgent agent : agents) {
            agent.enrol();
        }
    }

    private static void train(SimulatedAgent agent) throws Exception {
        agent.poll();
        agent.act();
        agent.act();
    }

    private void carryThrough(JobId job, SimulatedAgent... agents) throws Exception {
        for (int turn = 0; turn < 30; turn++) {
            federation.settle(job);
            for (SimulatedAgent agent : agents) {
                agent.act();
            }
        }
    }

    private RoundView round(JobId job) {
        return federation.rounds(job).getLast();
    }

    private List<String> types(JobId job) {
        return federation.events(job).stream().map(JobEvent::type).toList();
    }
}
