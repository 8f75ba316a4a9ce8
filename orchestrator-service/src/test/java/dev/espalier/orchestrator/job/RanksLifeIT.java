package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.ranks.ComponentMaps;
import dev.espalier.orchestrator.ranks.Measured;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.Client;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.RankPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Jobs whose clients train different components, or whose rounds are merged into their base. */
@Simulated
class RanksLifeIT {

    private static final String QUERY = "bert.encoder.layer.0.attention.self.query";
    private static final String VALUE = "bert.encoder.layer.0.attention.self.value";

    /** Of 4 components those with 4 processors train all, the others one. */
    private static final String BY_TIERS =
            """
            "ranks": {"allotment": {"by": "TIERS", "tiers": [
                {"rank": 4, "minProcessors": 4}, {"rank": 1, "minProcessors": 2}]}, %s},
            "aggregation": {"rule": "RANK_ADAPTIVE"}\
            """;

    private static final String STACKING = "\"aggregation\": {\"rule\": \"STACKING\"}";

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
    void windowsRotateAndThenTheImportantOnesAreTrained() throws Exception {
        JobId job = submit("rotating", 6, BY_TIERS.formatted("\"starvationEvery\": 0"));

        List<List<List<Integer>>> trained = carryThrough(job, ada, bob, cyd);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(trained)
                .containsExactly(
                        List.of(List.of(0), List.of(1), List.of(2)),
                        List.of(List.of(1), List.of(2), List.of(3)),
                        List.of(List.of(2), List.of(3), List.of(0)),
                        List.of(List.of(3), List.of(0), List.of(1)),
                        // lower ones are worth more to simulated clients
                        List.of(List.of(0), List.of(0), List.of(0)),
                        List.of(List.of(0), List.of(0), List.of(0)));
        List<ComponentMap.Round> told =
                ComponentMaps.of(
                                List.of(
                                        new ComponentMap.Module(QUERY, 4),
                                        new ComponentMap.Module(VALUE, 4)),
                                rounds.components(job))
                        .rounds();
        assertThat(told)
                .extracting(round -> round.contributors().getFirst())
                .containsExactly(
                        List.of(1, 1, 1, 0),
                        List.of(0, 1, 1, 1),
                        List.of(1, 0, 1, 1),
                        List.of(1, 1, 0, 1),
                        List.of(3, 0, 0, 0),
                        List.of(3, 0, 0, 0));
        assertThat(told.getLast().age().getLast()).containsExactly(0, 2, 3, 2);
        assertReplayable(job);
        assertThat(events(job, "componentsBy"))
                .containsExactly(
                        "COLD_START",
                        "COLD_START",
                        "COLD_START",
                        "COLD_START",
                        "IMPORTANCE",
                        "IMPORTANCE");
    }

    @Test
    void whatIsKnownOfComponentsGoesOverToTheNextPhase() throws Exception {
        String options = BY_TIERS.formatted("\"starvationEvery\": 0");
        JobId job =
                submit(
                        "going-on",
                        3,
                        options
                                + """
                                }, {"kind": "FINE_TUNE", "rounds": 3, "adapter": {"rank": 4},
                                 "training": {"learningRate": 0.0005}, "deadline": "PT10M",\
                                """
                                + options);

        carryThrough(job, ada, bob, cyd);

        assertThat(events(job, "componentsBy"))
                .containsExactly(
                        "COLD_START",
                        "COLD_START",
                        "COLD_START",
                        "COLD_START",
                        "IMPORTANCE",
                        "IMPORTANCE");
        assertReplayable(job);
    }

    @Test
    void whatIsMeasuredOtherwiseIsMeasuredAnew() throws Exception {
        JobId job =
                submit(
                        "anew",
                        1,
                        BY_TIERS.formatted("\"coldStartRounds\": 0")
                                + """
                                }, {"kind": "FINE_TUNE", "rounds": 1, "adapter": {"rank": 4},
                                 "training": {"learningRate": 0.0005}, "deadline": "PT10M",\
                                """
                                + BY_TIERS.formatted("\"importance\": {\"score\": \"ADALORA\"}"));

        carryThrough(job, ada, bob, cyd);

        assertThat(events(job, "componentsBy")).containsExactly("IMPORTANCE", "COLD_START");
    }

    @Test
    void theStrongTrainAllAndWhoMeetsNoTierIsLeftOut() throws Exception {
        ada.processors(8);
        cyd.processors(1);
        for (SimulatedAgent agent : List.of(ada, cyd)) {
            agent.enrol();
        }
        JobId job = submit("tiers", 1, BY_TIERS.formatted("\"coldStartRounds\": 1"));
        federation.settle(job);

        ada.poll();
        bob.poll();

        Assignment.Train ofAda = (Assignment.Train) Objects.requireNonNull(ada.work());
        Assignment.Train ofBob = (Assignment.Train) Objects.requireNonNull(bob.work());
        assertThat(ofAda.scope().isWhole()).isTrue();
        assertThat(ofAda.ranks()).isEqualTo(new RankPlan(4, false, null));
        assertThat(ofBob.scope().components())
                .isEqualTo(Map.of(QUERY, List.of(1), VALUE, List.of(1)));
        assertThat(ofBob.ranks()).isEqualTo(new RankPlan(1, false, null));
        assertThat(ofBob.upload()).isNull();
        RoundView.LeftOut cydsFate =
                round(job).leftOut().stream()
                        .filter(out -> out.agent().equals(cyd.name()))
                        .findFirst()
                        .orElseThrow();
        assertThat(cydsFate.reason()).contains("1 processors", "meets no tier of the job");
        settleWith(job, ada, bob);
        assertThat(round(job).clients()).extracting(Client::rank).containsExactly(4, 1);
        assertThat(round(job).clients())
                .extracting(Client::keptComponents)
                .containsExactly(null, 2);
        assertThat(events(job, "ranks")).containsExactly(Map.of("ada", 4, "bob", 1));
    }

    @Test
    void whereNobodyMeetsATierTheJobWaitsAndSaysWhy() throws Exception {
        for (SimulatedAgent agent : List.of(ada, bob, cyd)) {
            agent.processors(1);
            agent.enrol();
        }
        JobId job = submit("too-weak", 1, BY_TIERS.formatted("\"starvationEvery\": 0"));

        federation.settle(job);

        assertThat(federation.rounds(job)).isEmpty();
        assertThat(federation.view(job).waitingFor())
                .startsWith("agent ada offers")
                .contains("meets no tier of the job: rank 4 needs processors 4;");
    }

    @Test
    void theLongestUntouchedIsTrainedInItsTurn() throws Exception {
        bob.leave();
        cyd.leave();
        JobId job =
                submit(
                        "starving",
                        6,
                        BY_TIERS.formatted("\"coldStartRounds\": 1, \"starvationEvery\": 2"));

        List<List<List<Integer>>> trained = carryThrough(job, ada);

        assertThat(trained.stream().map(List::getFirst))
                .containsExactly(
                        List.of(0), // cold start
                        List.of(1), // untouched as long as 2 and 3
                        List.of(0),
                        List.of(2),
                        List.of(0),
                        List.of(3));
        assertReplayable(job);
        Object replaced = events(job, "componentsReplaced").get(3);
        assertThat((List<?>) replaced)
                .extracting("module", "component", "instead", "age")
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(QUERY, 2, 0, 3),
                        org.assertj.core.groups.Tuple.tuple(VALUE, 2, 0, 3));
    }

    @Test
    void aRoundThatPublishedNothingIsRotatedAgain() throws Exception {
        bob.leave();
        cyd.leave();
        JobId job = submit("stumbling", 3, BY_TIERS.formatted("\"starvationEvery\": 0"));
        federation.settle(job);
        ada.poll();
        federation.aggregation.reject(
                ((Assignment.Train) Objects.requireNonNull(ada.work())).round(),
                ada.name(),
                "it has a NaN");
        ada.forget();

        List<List<List<Integer>>> trained = carryThrough(job, ada);

        assertThat(federation.rounds(job))
                .extracting(RoundView::state)
                .containsExactly(RoundState.VOID, RoundState.COMPLETED, RoundState.COMPLETED);
        assertThat(trained.stream().map(List::getFirst))
                .containsExactly(List.of(0), List.of(0), List.of(1));
    }

    @Test
    void anUploadIsAsPreciseAsTheOwnUplinkAllows() throws Exception {
        ada.uplink(1000L);
        ada.enrol();
        JobId job = submit("seconds", 1, "\"quantisation\": {\"budgetSeconds\": 0.5}");
        federation.settle(job);
        ada.poll();
        bob.poll();

        assertThat(((Assignment.Train) Objects.requireNonNull(ada.work())).upload())
                .isEqualTo(new UploadPlan(null, 500L));
        assertThat(((Assignment.Train) Objects.requireNonNull(bob.work())).upload())
                .isEqualTo(new UploadPlan(32, null));
        assertThat(((Assignment.Train) Objects.requireNonNull(bob.work())).ranks()).isNull();
        settleWith(job, ada, bob, cyd);
        assertThat(round(job).clients()).extracting(Client::quantisationError).containsOnly(0.01);
        assertThat(round(job).clients()).extracting(Client::rank).containsOnlyNulls();
    }

    @Test
    void whatACandidateWasAllottedWhenAskedHoldsWhenItIsChosen() throws Exception {
        ada.processors(8);
        ada.enrol();
        JobId job =
                submit(
                        "asked",
                        1,
                        BY_TIERS.formatted("\"starvationEvery\": 0")
                                + ", \"selection\": {\"policy\": \"LOSS_DIFFERENCE\", \"fraction\":"
                                + " 1}");
        federation.settle(job);
        ada.processors(1);
        ada.enrol();

        settleWith(job, ada, bob, cyd);

        assertThat(round(job).state()).isEqualTo(RoundState.COMPLETED);
        assertThat(round(job).clients()).extracting(Client::rank).containsExactly(4, 1, 1);
    }

    @Test
    void everyMergedRoundIsTheBaseOfTheNext() throws Exception {
        SimulatedAgent eve = federation.judge("eve");
        eve.enrol();
        JobId job = federation.submit("stacked", 3, STACKING, "{\"data\": \"mail-test\"}");
        List<VersionRef> trainedOn = new ArrayList<>();
        List<VersionRef> evaluatedOn = new ArrayList<>();

        for (int turn : IntStream.range(0, 80).toArray()) {
            federation.settle(job);
            for (SimulatedAgent agent : List.of(ada, bob, cyd, eve)) {
                boolean idle = agent.work() == null;
                agent.act();
                if (idle && agent.work() instanceof Assignment.Train train) {
                    trainedOn.add(train.base());
                } else if (idle && agent.work() instanceof Assignment.Evaluate evaluate) {
                    evaluatedOn.add(evaluate.base());
                }
            }
        }

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(federation.view(job).base()).hasToString("all-minilm-l6-v2@1");
        assertThat(trainedOn.stream().map(VersionRef::toString).distinct())
                .containsExactly("all-minilm-l6-v2@1", "stacked-base@1", "stacked-base@2");
        assertThat(trainedOn).hasSize(9);
        assertThat(evaluatedOn)
                .extracting(VersionRef::toString)
                .containsExactly("stacked-base@1", "stacked-base@2", "stacked-base@3");
        List<String> stored =
                database.sql(
                                "select base || ' ' || published_base from orchestrator.round where"
                                        + " job = ? order by number")
                        .param(job.value())
                        .query(String.class)
                        .list();
        assertThat(stored)
                .containsExactly(
                        "all-minilm-l6-v2@1 stacked-base@1",
                        "stacked-base@1 stacked-base@2",
                        "stacked-base@2 stacked-base@3");
    }

    @Test
    void aPhaseAfterStackingGoesOnOnTheLastBase() throws Exception {
        JobId job =
                federation.submit(
                        "two-phases",
                        1,
                        STACKING
                                + "}, {\"kind\": \"FINE_TUNE\", \"rounds\": 2, \"adapter\":"
                                + " {\"rank\": 2}, \"training\": {\"learningRate\": 0.001}",
                        "null");
        List<String> bases = new ArrayList<>();
        for (int turn : IntStream.range(0, 60).toArray()) {
            federation.settle(job);
            for (SimulatedAgent agent : List.of(ada, bob, cyd)) {
                agent.act();
            }
            if (ada.work() instanceof Assignment.Train train) {
                bases.add(train.base().toString());
            }
        }

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(bases.stream().distinct())
                .containsExactly("all-minilm-l6-v2@1", "two-phases-base@1");
    }

    @Test
    void aJobThatMaySurpriseWarns() {
        JobId job =
                federation.submit(
                        "diluting",
                        1,
                        "\"pruning\": {\"heads\": {\"sparsity\": 0.5}}, \"aggregation\": {\"rule\":"
                                + " \"ZERO_PADDING\"}",
                        "null");

        assertThat(federation.events(job))
                .extracting(JobEvent::type)
                .startsWith("job-submitted", "job-warning");
    }

    private JobId submit(String publishAs, int rounds, String options) {
        return federation.submit(publishAs, rounds, 4, options, "null");
    }

    /** What each agent was to train of the query in each round, agents in the given order. */
    private List<List<List<Integer>>> carryThrough(JobId job, SimulatedAgent... agents)
            throws Exception {
        settleWith(job, agents);
        return planned(job);
    }

    private void settleWith(JobId job, SimulatedAgent... agents) throws Exception {
        for (int turn : IntStream.range(0, 80).toArray()) {
            federation.settle(job);
            for (SimulatedAgent agent : agents) {
                agent.act();
            }
            if (federation.view(job).state().isFinal()) {
                return;
            }
        }
    }

    /** Every plan follows from what is stored: the shares, and what the round before told. */
    private void assertReplayable(JobId job) {
        JsonMapper json = JsonMapper.shared();
        RankSpec settings =
                ((PhaseSpec.FineTune) federation.view(job).specification().phases().getFirst())
                        .ranks();
        List<String> plans = column(job, "ranks");
        List<String> shares = column(job, "shares");
        List<String> sessions = column(job, "session");
        Measured measured = Measured.NOTHING;
        for (int i = 0; i < plans.size(); i++) {
            List<Share> cohort = List.of(json.readValue(shares.get(i), Share[].class));
            assertThat(
                            PlannedRanks.plan(
                                    Objects.requireNonNull(settings),
                                    List.of(QUERY, VALUE),
                                    4,
                                    cohort,
                                    measured))
                    .isEqualTo(json.readValue(plans.get(i), PlannedRanks.class));
            RoundSessionView told = json.readValue(sessions.get(i), RoundSessionView.class);
            measured = new Measured(i + 1, i + 1, Objects.requireNonNull(told.components()));
        }
    }

    private List<String> column(JobId job, String name) {
        return database.sql(
                        "select %s from orchestrator.round where job = ? order by number"
                                .formatted(name))
                .param(job.value())
                .query(String.class)
                .list();
    }

    private List<List<List<Integer>>> planned(JobId job) {
        List<String> plans = column(job, "ranks");
        return plans.stream().map(RanksLifeIT::ofQuery).toList();
    }

    private static List<List<Integer>> ofQuery(String plan) {
        PlannedRanks read = JsonMapper.shared().readValue(plan, PlannedRanks.class);
        return read.clients().stream()
                .map(client -> read.scope(client.agent()).components())
                .map(components -> Objects.requireNonNull(components).get(QUERY))
                .toList();
    }

    private List<Object> events(JobId job, String field) {
        return federation.events(job).stream()
                .filter(event -> event.type().equals("round-started"))
                .map(event -> event.data().get(field))
                .toList();
    }

    private RoundView round(JobId job) {
        return federation.rounds(job).getLast();
    }
}
