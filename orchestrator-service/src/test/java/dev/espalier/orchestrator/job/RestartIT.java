package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.OrchestratorApplication;
import dev.espalier.orchestrator.neighbour.FakeAggregation;
import dev.espalier.orchestrator.neighbour.FakeRegistry;
import dev.espalier.orchestrator.neighbour.NeighbourServer;
import dev.espalier.postgres.testing.TestPostgres;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.Client;
import dev.espalier.protocol.job.SparsityMap;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.RankPlan;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole service, ended and started again in the middle of a round, as in production. */
@Timeout(300)
class RestartIT {

    private static final Map<String, String> SECRETS =
            Map.of(
                    "ada", "kq3vJ5uE0m7RyT1xZb9cL2dN4fH6gS8w",
                    "bob", "Zb9cL2dN4fH6gS8wkq3vJ5uE0m7RyT1x");
    private static final String CAPABILITIES =
            """
            {"roles": ["TRAIN"], "data": [{"name": "mail", "task": "SEQUENCE_CLASSIFICATION",
             "labels": ["ham", "spam"], "trainRows": 30, "heldOutRows": 0}],
             "families": ["bert"], "memoryBytes": 1000000000, "processors": 2, "device": "cpu",
             "software": "test 1"}\
            """;

    private final JdbcConnectionDetails database = TestPostgres.shared().freshDatabase();
    private final FakeRegistry registry = new FakeRegistry();
    private final FakeAggregation aggregation =
            new FakeAggregation(registry, Clock.tickMillis(ZoneOffset.UTC));
    private NeighbourServer neighbours;
    private ConfigurableApplicationContext service;
    private Wire wire;

    @BeforeEach
    void startAll() throws IOException {
        registry.publishBase(new ModelName("all-minilm-l6-v2"));
        neighbours = new NeighbourServer(registry, aggregation);
        start();
    }

    @AfterEach
    void stopAll() {
        service.close();
        neighbours.close();
    }

    @Test
    void aRestartInMidRoundLosesNothing() {
        SECRETS.keySet().forEach(this::enrol);
        JobView job = wire.post("/api/v1/jobs", Examples.SHORT_SPECIFICATION).as(JobView.class);
        Assignment.Train ofAda = work("ada");
        Assignment.Train ofBob = work("bob");
        handIn(ofAda, "ada");

        service.close();
        start();

        assertThat(work("bob")).isEqualTo(ofBob); // the same token too
        finish(ofAda, "ada");
        handIn(ofBob, "bob");
        finish(ofBob, "bob");
        for (String agent : List.of("ada", "bob")) {
            Assignment.Train next = work(agent);
            assertThat(next.roundNumber()).isEqualTo(2);
            handIn(next, agent);
            finish(next, agent);
        }

        JobView done =
                wire.await(
                        "/api/v1/jobs/" + job.id(), JobView.class, view -> view.state().isFinal());
        assertThat(done.state()).isEqualTo(JobState.COMPLETED);
        assertThat(done.latest()).hasToString("spam-filter@3");
        RoundView[] rounds = wire.get("/api/v1/jobs/" + job.id() + "/rounds").as(RoundView[].class);
        assertThat(rounds).hasSize(2);
        for (RoundView round : rounds) {
            assertThat(round.clients())
                    .extracting(Client::agent)
                    .containsExactly(new AgentName("ada"), new AgentName("bob"));
        }
    }

    @Test
    void aRestartKeepsTheBaseAndTheComponentsOfARound() {
        SECRETS.keySet().forEach(this::enrol);
        JobView job = wire.post("/api/v1/jobs", stackedPrefixes()).as(JobView.class);
        for (String agent : List.of("ada", "bob")) {
            Assignment.Train first = work(agent);
            assertThat(first.base()).hasToString("all-minilm-l6-v2@1");
            handIn(first, agent);
            finish(first, agent);
        }
        Assignment.Train ofAda = work("ada");
        Assignment.Train ofBob = work("bob");
        handIn(ofAda, "ada");
        finish(ofAda, "ada");

        service.close();
        start();

        assertThat(ofBob.base()).hasToString("spam-filter-base@1");
        assertThat(ofBob.ranks()).isEqualTo(new RankPlan(3, true, null));
        assertThat(ofBob.scope().components()).containsValue(List.of(0, 1, 2));
        assertThat(work("bob")).isEqualTo(ofBob);
        handIn(ofBob, "bob");
        finish(ofBob, "bob");
        JobView done =
                wire.await(
                        "/api/v1/jobs/" + job.id(), JobView.class, view -> view.state().isFinal());
        assertThat(done.state()).isEqualTo(JobState.COMPLETED);
        ComponentMap map =
                wire.get("/api/v1/jobs/" + job.id() + "/components").as(ComponentMap.class);
        assertThat(map.rounds())
                .extracting(round -> round.contributors().getFirst())
                .containsExactly(List.of(2, 2, 2, 0, 0, 0, 0, 0), List.of(2, 2, 2, 0, 0, 0, 0, 0));
    }

    @Test
    void aRestartKeepsTheLayersOfARoundThatPrunes() {
        SECRETS.keySet().forEach(this::enrol);
        JobView job = wire.post("/api/v1/jobs", prunedAtFirst()).as(JobView.class);
        Assignment.Prune ofAda = (Assignment.Prune) anyWork("ada");
        Assignment.Prune ofBob = (Assignment.Prune) anyWork("bob");
        handIn(ofAda.round(), ofAda.uploadToken(), "ada");
        finish(ofAda, "ada", PRUNED);

        service.close();
        start();

        assertThat(ofBob.plan().layers()).containsExactly(0);
        assertThat(ofBob.plan().sparsity()).isEqualByComparingTo("0.5");
        assertThat(anyWork("bob")).isEqualTo(ofBob); // the same token too
        handIn(ofBob.round(), ofBob.uploadToken(), "bob");
        finish(ofBob, "bob", PRUNED);
        for (int round = 0; round < 2; round++) {
            for (String agent : List.of("ada", "bob")) {
                Assignment.Train healing = work(agent);
                assertThat(healing.base()).hasToString("spam-filter-base@1");
                handIn(healing, agent);
                finish(healing, agent);
            }
        }
        JobView done =
                wire.await(
                        "/api/v1/jobs/" + job.id(), JobView.class, view -> view.state().isFinal());
        assertThat(done.state()).isEqualTo(JobState.COMPLETED);
        assertThat(done.merged()).hasToString("spam-filter-merged@1");
        SparsityMap map = wire.get("/api/v1/jobs/" + job.id() + "/sparsity").as(SparsityMap.class);
        assertThat(map.rounds())
                .singleElement()
                .satisfies(round -> {
                    assertThat(round.number()).isEqualTo(1);
                    assertThat(round.sparsity()).isEqualTo(0.5);
                    assertThat(round.matrices())
                            .hasSize(6)
                            .allMatch(matrix -> matrix.responders() == 2);
                });
        assertThat(wire.get("/api/v1/jobs/" + job.id() + "/sparsity?format=csv").body())
                .startsWith("round,matrix,elements,zeros,sparsity,responders\r\n1,bert.encoder");
        wire.get("/api/v1/jobs/" + job.id() + "/sparsity?format=svg").is(ProblemType.INVALID_VALUE);
    }

    private static String prunedAtFirst() {
        return Examples.SHORT_SPECIFICATION.replace(
                "\"phases\": [",
                "\"phases\": [{\"kind\": \"PRUNE\", \"rounds\": 1, \"weights\": {\"sparsity\":"
                        + " 0.5}}, ");
    }

    private static String stackedPrefixes() {
        return Examples.SHORT_SPECIFICATION.replace(
                "\"rounds\": 2",
                "\"rounds\": 2, \"aggregation\": {\"rule\": \"STACKING\"}, \"ranks\":"
                        + " {\"variant\": \"PREFIX\", \"allotment\": {\"by\": \"TIERS\", \"tiers\":"
                        + " [{\"rank\": 3}]}}");
    }

    @Test
    void anAbsenceLongerThanTheScoringDeadlineVoidsNoRound() throws SQLException {
        SECRETS.keySet().forEach(this::enrol);
        String byLoss =
                Examples.SHORT_SPECIFICATION.replace(
                        "\"rounds\": 2",
                        "\"rounds\": 1, \"selection\": {\"policy\": \"LOSS_DIFFERENCE\","
                                + " \"fraction\": 1}");
        JobView job = wire.post("/api/v1/jobs", byLoss).as(JobView.class);
        Map<String, Assignment> asked = Map.of("ada", anyWork("ada"), "bob", anyWork("bob"));

        service.close();
        letTheScoringDeadlinePass();
        start();

        asked.forEach((agent, score) -> {
            assertThat(score).isInstanceOf(Assignment.Score.class);
            assertThat(call("PUT", path(score, agent), SCORED, agent).status()).isEqualTo(204);
        });
        for (String agent : List.of("ada", "bob")) {
            Assignment.Train work = work(agent);
            assertThat(work.round()).isEqualTo(asked.get(agent).round());
            handIn(work, agent);
            finish(work, agent);
        }
        JobView done =
                wire.await(
                        "/api/v1/jobs/" + job.id(), JobView.class, view -> view.state().isFinal());
        assertThat(done.state()).isEqualTo(JobState.COMPLETED);
    }

    /** As if the service had been away for an hour. */
    private void letTheScoringDeadlinePass() throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                database.getJdbcUrl(),
                                database.getUsername(),
                                database.getPassword());
                Statement statement = connection.createStatement()) {
            int aged =
                    statement.executeUpdate(
                            "update orchestrator.round set score_by = score_by - interval '1 hour'"
                                    + " where stage = 'SCORING'");
            assertThat(aged).isEqualTo(1);
        }
    }

    private static final String SCORED =
            """
            {"kind": "SCORED", "examples": 30, "loss": 1.5, "ownLoss": null, "bytesDown": 7,
             "cost": {"macs": 0, "attentionMacs": 0, "attentionMacsDenseOutput": 0,
             "scoringMacs": 7}}\
            """;

    private void start() {
        service =
                OrchestratorApplication.application()
                        .run(
                                "--server.port=0",
                                "--spring.datasource.url=" + database.getJdbcUrl(),
                                "--spring.datasource.username=" + database.getUsername(),
                                "--spring.datasource.password=" + database.getPassword(),
                                "--espalier.registry.url=" + neighbours.url(),
                                "--espalier.aggregation.url=" + neighbours.url());
        wire = new Wire(((WebServerApplicationContext) service).getWebServer().getPort());
    }

    private void enrol(String agent) {
        String body =
                "{\"secret\": \"%s\", \"capabilities\": %s}"
                        .formatted(SECRETS.get(agent), CAPABILITIES);
        assertThat(wire.put("/api/v1/agents/" + agent, body).status()).isEqualTo(201);
    }

    private Assignment.Train work(String agent) {
        return (Assignment.Train) anyWork(agent);
    }

    private Assignment anyWork(String agent) {
        Wire.Answer answer =
                call(
                        "POST",
                        "/api/v1/agents/" + agent + "/poll?wait=PT30S",
                        "{\"capabilities\": " + CAPABILITIES + "}",
                        agent);
        return answer.as(Assignment.class);
    }

    private void handIn(Assignment.Train work, String agent) {
        handIn(work.round(), work.uploadToken(), agent);
    }

    private void handIn(RoundId round, String token, String agent) {
        assertThat(aggregation.handIn(round, new AgentName(agent), token, "update of " + agent, 30))
                .isTrue();
    }

    private void finish(Assignment.Train work, String agent) {
        finish(work, agent, TRAINED);
    }

    private void finish(Assignment work, String agent, String outcome) {
        assertThat(call("PUT", path(work, agent), outcome, agent).status()).isEqualTo(204);
    }

    private static final String TRAINED =
            """
            {"kind": "TRAINED", "digest": "%s", "bytesDown": 7, "trainSeconds": 1,
             "uploadSeconds": 1, "cost": {"macs": 0, "attentionMacs": 0,
             "attentionMacsDenseOutput": 0, "scoringMacs": 0}}\
            """
                    .formatted("0".repeat(64));

    private static final String PRUNED =
            TRAINED.replace("TRAINED", "PRUNED").replace("trainSeconds", "pruneSeconds");

    private static String path(Assignment work, String agent) {
        return "/api/v1/agents/%s/assignments/%s/outcome".formatted(agent, work.id());
    }

    private Wire.Answer call(String method, String path, String body, String agent) {
        return wire.send(
                method,
                path,
                body,
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer " + SECRETS.get(agent));
    }
}
