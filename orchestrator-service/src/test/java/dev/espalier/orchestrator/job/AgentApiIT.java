package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.neighbour.FakeAggregation;
import dev.espalier.postgres.testing.RealPostgres;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.AgentView;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Directive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The agents' API and the live stream over real HTTP, with the real scheduler behind it. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.config.name=orchestrator-service",
            "server.address=127.0.0.1",
            "espalier.fleet.enrolment-token=the-enrolment-token",
            "espalier.events.heartbeat-every=100ms",
            "espalier.work.progress-every=1h"
        })
@RealPostgres
@Import(TestWorld.class)
@ExtendWith(OutputCaptureExtension.class)
@Timeout(120)
class AgentApiIT {

    private static final String SECRET = "kq3vJ5uE0m7RyT1xZb9cL2dN4fH6gS8w";
    private static final String OTHER_SECRET = "Zb9cL2dN4fH6gS8wkq3vJ5uE0m7RyT1x";
    private static final String CAPABILITIES =
            """
            {"roles": ["TRAIN", "EVALUATE"], "data": [{"name": "mail",
             "task": "SEQUENCE_CLASSIFICATION", "labels": ["ham"], "trainRows": 30,
             "heldOutRows": 20}], "families": ["bert"], "memoryBytes": 1000000000,
             "processors": 2, "device": "cpu", "software": "test 1"}\
            """;
    private static final String POLL = "{\"capabilities\": " + CAPABILITIES + "}";
    private static final String PROGRESS =
            "{\"stage\": \"TRAINING\", \"step\": 1, \"steps\": 4, \"loss\": 1e999}";

    @LocalServerPort int port;
    @Autowired FakeAggregation aggregation;
    @Autowired JdbcClient database;
    private Wire wire;

    @BeforeEach
    void connect() {
        wire = new Wire(port);
        List.of(wire.get("/api/v1/jobs").as(JobView[].class)).stream()
                .filter(job -> !job.state().isFinal())
                .forEach(job -> wire.post("/api/v1/jobs/" + job.id() + "/cancel", ""));
        database.sql("delete from orchestrator.agent").update();
    }

    @Test
    void anAgentEnrolsOnceUnderItsName() {
        assertThat(enrol("ada", SECRET).status()).isEqualTo(201);
        assertThat(enrol("ada", SECRET).status()).isEqualTo(200);
        enrol("ada", OTHER_SECRET).is(ProblemType.AGENT_NAME_TAKEN);

        AgentView ada = wire.get("/api/v1/agents/ada").as(AgentView.class);
        assertThat(ada.alive()).isTrue();
        assertThat(ada.capabilities().families()).containsExactly("bert");
        assertThat(List.of(wire.get("/api/v1/agents").as(AgentView[].class))).hasSize(1);
        wire.get("/api/v1/agents/bob").is(ProblemType.NOT_FOUND);
        wire.get("/api/v1/agents/NO").is(ProblemType.INVALID_VALUE);
    }

    @Test
    void enrollingNeedsTheTokenWhereOneIsConfigured() {
        String body = enrolment(SECRET);

        wire.put("/api/v1/agents/ada", body).is(ProblemType.UNAUTHENTICATED);
        Wire.Answer refused = wire.put("/api/v1/agents/ada", body, "Authorization", "Bearer no");
        refused.is(ProblemType.UNAUTHENTICATED);
        assertThat(refused.header("WWW-Authenticate")).contains("Bearer");
    }

    @Test
    void aBadEnrolmentIsRefusedByField() {
        bearer("PUT", "/api/v1/agents/ada", enrolment("short"), "the-enrolment-token")
                .is(ProblemType.INVALID_VALUE);
        bearer(
                        "PUT",
                        "/api/v1/agents/ada",
                        enrolment(SECRET).replace("\"cpu\"", "\"cpu\", \"path\": \"/home\""),
                        "the-enrolment-token")
                .is(ProblemType.UNKNOWN_FIELD);
    }

    @Test
    void nobodyCallsInAnothersName() {
        enrol("ada", SECRET);
        enrol("bob", OTHER_SECRET);

        bearer("POST", "/api/v1/agents/ada/poll", POLL, OTHER_SECRET)
                .is(ProblemType.UNAUTHENTICATED);
        wire.post("/api/v1/agents/ada/poll", POLL).is(ProblemType.UNAUTHENTICATED);
        bearer("POST", "/api/v1/agents/eve/poll", POLL, SECRET).is(ProblemType.UNAUTHENTICATED);
    }

    @Test
    void aRemovedAgentsSecretIsVoidAndItMayComeBack() {
        enrol("ada", SECRET);

        assertThat(wire.send("DELETE", "/api/v1/agents/ada", null).status()).isEqualTo(204);
        bearer("POST", "/api/v1/agents/ada/poll", POLL, SECRET).is(ProblemType.UNAUTHENTICATED);
        wire.send("DELETE", "/api/v1/agents/ada", null).is(ProblemType.NOT_FOUND);
        assertThat(enrol("ada", OTHER_SECRET).status()).isEqualTo(201);
    }

    @Test
    void withoutWorkAPollSaysWhenToAskAgain() {
        enrol("ada", SECRET);
        Wire.Answer answer = bearer("POST", "/api/v1/agents/ada/poll?wait=PT0.05S", POLL, SECRET);

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Retry-After")).contains("1");
        bearer("POST", "/api/v1/agents/ada/poll?wait=soon", POLL, SECRET)
                .is(ProblemType.INVALID_VALUE);
    }

    @Test
    void aWaitingPollWakesWhenWorkAppearsAndTheWholeRoundGoesThrough(CapturedOutput output)
            throws Exception {
        enrol("ada", SECRET);
        CompletableFuture<Wire.Answer> waiting =
                CompletableFuture.supplyAsync(
                        () -> bearer("POST", "/api/v1/agents/ada/poll?wait=PT30S", POLL, SECRET));
        JobView job = submit(1);
        Assignment.Train work = (Assignment.Train) waiting.get().as(Assignment.class);

        String own = "/api/v1/agents/ada/assignments/" + work.id();
        assertThat(bearer("PUT", own + "/progress", PROGRESS, SECRET).as(Directive.class))
                .isEqualTo(new Directive(Directive.Action.CONTINUE, null));
        AgentView ada = wire.get("/api/v1/agents/ada").as(AgentView.class);
        assertThat(ada.assignment()).isEqualTo(work.id());
        assertThat(ada.progress()).isNotNull();
        assertThat(ada.progress().step()).isEqualTo(1);

        assertThat(
                        aggregation.handIn(
                                work.round(), new AgentName("ada"), work.uploadToken(), "u", 30))
                .isTrue();
        String evaluated =
                "{\"kind\": \"EVALUATED\", \"examples\": 1, \"accuracy\": 1, \"macroF1\": 1,"
                        + " \"loss\": 0, \"bytesDown\": 0}";
        bearer("PUT", own + "/outcome", evaluated, SECRET).is(ProblemType.INVALID_VALUE);
        for (int i = 0; i < 2; i++) {
            assertThat(bearer("PUT", own + "/outcome", TRAINED, SECRET).status()).isEqualTo(204);
        }
        bearer("PUT", own + "/outcome", TRAINED.replace("77", "78"), SECRET)
                .is(ProblemType.CONTRADICTS_EARLIER_REQUEST);

        JobView done =
                wire.await(
                        "/api/v1/jobs/" + job.id(), JobView.class, view -> view.state().isFinal());
        assertThat(done.state()).isEqualTo(JobState.COMPLETED);
        RoundView round = wire.get("/api/v1/jobs/" + job.id() + "/rounds/1").as(RoundView.class);
        assertThat(round.traffic().bytesDown()).isEqualTo(77);
        assertThat(bearer("PUT", own + "/progress", PROGRESS, SECRET).as(Directive.class).action())
                .isEqualTo(Directive.Action.STOP);
        assertThat(output.getAll())
                .doesNotContain(SECRET)
                .doesNotContain(work.uploadToken())
                .doesNotContain("the-enrolment-token");
    }

    @Test
    void workThatWasNeverGivenIsUnknown() {
        enrol("ada", SECRET);
        String own = "/api/v1/agents/ada/assignments/0192f0c1-7c1e-7a51-9d55-3c0d6f9d2a11";

        bearer("PUT", own + "/progress", PROGRESS, SECRET).is(ProblemType.NOT_FOUND);
        bearer("PUT", own + "/outcome", TRAINED, SECRET).is(ProblemType.NOT_FOUND);
    }

    @ParameterizedTest(name = "{0} of {1}: {3}")
    @CsvSource({
        "bytesDown, TRAINED, 77, 9223372036854775807",
        "bytesDown, TRAINED, 77, 10000000000001",
        "trainSeconds, TRAINED, 1.5, 1e308",
        "uploadSeconds, TRAINED, 0.1, 1e308",
        "cost.macs, TRAINED, 900, 9223372036854775807",
        "cost.attentionMacs, TRAINED, 300, 9223372036854775807",
        "cost.attentionMacsDenseOutput, TRAINED, 400, 9223372036854775807",
        "cost.scoringMacs, TRAINED, 500, 9223372036854775807",
        "examples, EVALUATED, 20, 9223372036854775807",
        "loss, EVALUATED, 0.6, 1e308",
        "loss, EVALUATED, 0.6, 1e999",
        "bytesDown, EVALUATED, 77, 9223372036854775807",
        "examples, SCORED, 30, 9223372036854775807",
        "loss, SCORED, 1.25, 1e308",
        "ownLoss, SCORED, 0.75, 1e308",
        "bytesDown, SCORED, 77, 9223372036854775807",
        "cost.scoringMacs, SCORED, 7, 9223372036854775807",
        "bytesDown, FAILED, 77, 9223372036854775807",
        "perplexity, EVALUATED, 1.8, 0.5",
        "perplexity, EVALUATED, 1.8, 1e305",
        "tokens, EVALUATED, 900, 9223372036854775807",
    })
    void anAbsurdNumberIsRefusedByName(String field, String kind, String sane, String absurd) {
        enrol("ada", SECRET);
        String own = "/api/v1/agents/ada/assignments/0192f0c1-7c1e-7a51-9d55-3c0d6f9d2a11";
        String key = "\"" + field.substring(field.lastIndexOf('.') + 1) + "\": ";
        assertThat(OUTCOMES.get(kind)).contains(key + sane);

        Problem problem =
                bearer(
                                "PUT",
                                own + "/outcome",
                                OUTCOMES.get(kind).replace(key + sane, key + absurd),
                                SECRET)
                        .is(ProblemType.INVALID_VALUE);

        assertThat(problem.fields()).extracting(Problem.Field::field).containsExactly(field);
        bearer("PUT", own + "/outcome", OUTCOMES.get(kind), SECRET).is(ProblemType.NOT_FOUND);
    }

    @Test
    void anOutcomeAfterTheEndIsTooLate() throws Exception {
        enrol("ada", SECRET);
        JobView job = submit(1);
        Assignment work =
                bearer("POST", "/api/v1/agents/ada/poll?wait=PT30S", POLL, SECRET)
                        .as(Assignment.class);
        wire.post("/api/v1/jobs/" + job.id() + "/cancel", "");

        bearer("PUT", "/api/v1/agents/ada/assignments/" + work.id() + "/outcome", TRAINED, SECRET)
                .is(ProblemType.ASSIGNMENT_OVER);
    }

    @Test
    void theLiveStreamTellsEverythingOnceAndEndsWithTheJob() throws Exception {
        JobView job = submit(1);
        CompletableFuture<List<String>> stream =
                CompletableFuture.supplyAsync(() -> follow(job, null));
        wire.await("/api/v1/jobs/" + job.id(), JobView.class, view -> view.waitingFor() != null);
        wire.post("/api/v1/jobs/" + job.id() + "/cancel", "");

        List<String> lines = stream.get();
        List<String> ids = lines.stream().filter(line -> line.startsWith("id:")).toList();
        assertThat(ids).startsWith("id:1", "id:2", "id:3").doesNotHaveDuplicates();
        assertThat(lines.stream().filter(line -> line.startsWith("event:")))
                .containsExactly(
                        "event:job-submitted",
                        "event:job-prepared",
                        "event:job-waiting",
                        "event:job-cancelled");
    }

    @Test
    void aBrokenStreamIsResumedAfterItsLastEvent() {
        JobView job = submit(1);
        wire.await("/api/v1/jobs/" + job.id(), JobView.class, view -> view.waitingFor() != null);
        wire.post("/api/v1/jobs/" + job.id() + "/cancel", "");

        assertThat(follow(job, "2").stream().filter(line -> line.startsWith("id:")))
                .containsExactly("id:3", "id:4");
        assertThat(follow(job, "3")).contains("event:job-cancelled");
    }

    @Test
    void aQuietStreamIsKeptAliveByComments() throws Exception {
        JobView job = submit(1);
        HttpResponse<java.io.InputStream> response =
                wire.http()
                        .send(
                                wire.request("/api/v1/jobs/" + job.id() + "/events").build(),
                                HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(response.headers().firstValue("Content-Type").orElse(""))
                    .startsWith("text/event-stream");
            assertThat(reader.lines().anyMatch(line -> line.startsWith(":still here"))).isTrue();
        }
    }

    private static final String TRAINED =
            """
            {"kind": "TRAINED",
             "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "bytesDown": 77, "trainSeconds": 1.5, "uploadSeconds": 0.1,
             "cost": {"macs": 900, "attentionMacs": 300, "attentionMacsDenseOutput": 400,
                      "scoringMacs": 500}}\
            """;
    private static final Map<String, String> OUTCOMES =
            Map.of(
                    "TRAINED", TRAINED,
                    "EVALUATED",
                            """
                            {"kind": "EVALUATED", "examples": 20, "accuracy": 0.5, "macroF1": 0.5,
                             "loss": 0.6, "perplexity": 1.8, "tokens": 900, "bytesDown": 77}\
                            """,
                    "SCORED",
                            """
                            {"kind": "SCORED", "examples": 30, "loss": 1.25, "ownLoss": 0.75,
                             "bytesDown": 77, "cost": {"macs": 0, "attentionMacs": 0,
                             "attentionMacsDenseOutput": 0, "scoringMacs": 7}}\
                            """,
                    "FAILED",
                            """
                            {"kind": "FAILED", "reason": "no room", "bytesDown": 77}\
                            """);

    private List<String> follow(JobView job, String lastEventId) {
        try {
            var request = wire.request("/api/v1/jobs/" + job.id() + "/events");
            if (lastEventId != null) {
                request.header("Last-Event-ID", lastEventId);
            }
            return new ArrayList<>(
                    wire.http()
                            .send(request.build(), HttpResponse.BodyHandlers.ofLines())
                            .body()
                            .toList());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private JobView submit(int rounds) {
        return wire.post(
                        "/api/v1/jobs",
                        Examples.SHORT_SPECIFICATION.replace(
                                "\"rounds\": 2", "\"rounds\": " + rounds))
                .as(JobView.class);
    }

    private Wire.Answer enrol(String name, String secret) {
        return bearer("PUT", "/api/v1/agents/" + name, enrolment(secret), "the-enrolment-token");
    }

    private static String enrolment(String secret) {
        return "{\"secret\": \"%s\", \"capabilities\": %s}".formatted(secret, CAPABILITIES);
    }

    private Wire.Answer bearer(String method, String path, String body, String secret) {
        return wire.send(
                method,
                path,
                body,
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer " + secret);
    }
}
