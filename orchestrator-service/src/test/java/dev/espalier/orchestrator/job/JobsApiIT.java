package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.neighbour.FakeRegistry;
import dev.espalier.postgres.testing.RealPostgres;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobReport;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The operator's API over real HTTP and a real database. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"spring.config.name=orchestrator-service", "server.address=127.0.0.1"})
@RealPostgres
@Import(TestWorld.class)
class JobsApiIT {

    private static final String SPECIFICATION = Examples.SHORT_SPECIFICATION;

    @LocalServerPort int port;
    @Autowired FakeRegistry registry;
    private Wire wire;

    @BeforeEach
    void connect() {
        wire = new Wire(port);
    }

    @Test
    void theDocumentedSpecificationIsAcceptedAsItStands() {
        Wire.Answer answer = wire.post("/api/v1/jobs", Examples.SPECIFICATION);

        assertThat(answer.status()).isEqualTo(201);
        JobView job = answer.as(JobView.class);
        assertThat(answer.header("Location")).contains("/api/v1/jobs/" + job.id());
        assertThat(wire.get("/api/v1/jobs/" + job.id()).as(JobView.class).specification())
                .isEqualTo(job.specification());
        assertThat(job.base()).hasToString("all-minilm-l6-v2@1");
    }

    @Test
    void aJobWithNoAgentsIsAcceptedAndSaysWhatItWaitsFor() {
        JobView job = wire.post("/api/v1/jobs", SPECIFICATION).as(JobView.class);

        JobView waiting =
                wire.await(
                        "/api/v1/jobs/" + job.id(),
                        JobView.class,
                        view -> view.waitingFor() != null);
        assertThat(waiting.state()).isEqualTo(JobState.RUNNING);
        assertThat(waiting.waitingFor()).isEqualTo("no agent is enrolled");
        assertThat(waiting.round()).isZero();
        assertThat(wire.get("/api/v1/jobs/" + job.id() + "/rounds").body()).isEqualTo("[]");
    }

    @Test
    void theSameUnderTheSameKeyIsTheSameJob() {
        Wire.Answer first = wire.post("/api/v1/jobs", SPECIFICATION, "Idempotency-Key", "k-1");
        Wire.Answer again =
                wire.post(
                        "/api/v1/jobs",
                        SPECIFICATION.replace("  ", " "), // spelled otherwise, but the same
                        "Idempotency-Key",
                        "k-1");
        Wire.Answer other =
                wire.post(
                        "/api/v1/jobs",
                        SPECIFICATION.replace("42", "43"),
                        "Idempotency-Key",
                        "k-1");

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.as(JobView.class).id()).isEqualTo(first.as(JobView.class).id());
        other.is(ProblemType.CONTRADICTS_EARLIER_REQUEST);
    }

    @ParameterizedTest(name = "{1} for {0} is {2} at {3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"seed\": 42 | \"seed\": 42, \"sede\": 1 | UNKNOWN_FIELD | sede",
                "\"rank\": 8 | \"rank\": 8, \"rang\": 1 | UNKNOWN_FIELD | phases[0].adapter.rang",
                "\"seed\": 42 | \"seed\": \"x\" | INVALID_VALUE | seed",
                "\"seed\": 42, |  | INVALID_VALUE | seed",
                "\"rounds\": 2 | \"rounds\": 2.5 | INVALID_VALUE | phases[0].rounds",
                "\"rounds\": 2 | \"rounds\": \"two\" | INVALID_VALUE | phases[0].rounds",
                "FINE_TUNE | SHEAR | INVALID_VALUE | phases[0].kind",
                "FINE_TUNE | PRUNE | UNKNOWN_FIELD | phases[0].adapter",
                "\"rounds\": 2 | \"rounds\": 2, \"aggregation\": {\"rule\": \"L0\"} | INVALID_VALUE"
                        + " | phases[0].aggregation.rule",
                "[\"ham\", \"spam\"] | \"ham\" | INVALID_VALUE | task.labels",
                "[\"ham\", \"spam\"] | [\"ham\"] | INVALID_VALUE | task.labels",
                "SEQUENCE_CLASSIFICATION | POETRY | INVALID_VALUE | task.kind",
                "\"data\": \"mail\" | \"data\": \"../../etc\" | INVALID_VALUE | data",
                "0.0005 | 0 | INVALID_VALUE | phases[0].training.learningRate",
                "\"all-minilm-l6-v2\" | \"bert-large\" | UNKNOWN_MODEL | model.base",
                "\"rank\": 8 | \"rank\": 9 | MODEL_DOES_NOT_FIT | phases[0].adapter.rank",
                "\"spam-filter\"}, | \"all-minilm-l6-v2\"}, | COMBINATION_REFUSED | model.publishAs"
            })
    void whatIsWrongIsRefusedByName(String sound, String wrong, ProblemType type, String field) {
        String body = SPECIFICATION.replace(sound, wrong == null ? "" : wrong);

        Problem problem = wire.post("/api/v1/jobs", body).is(type);

        assertThat(Objects.requireNonNull(problem.fields()))
                .extracting(Problem.Field::field)
                .contains(field);
        assertThat(problem.detail()).isNotBlank();
    }

    @Test
    void aRefusalNamesEverythingThatIsWrong() throws Exception {
        String body =
                SPECIFICATION
                        .replace("0.0005", "0")
                        .replace("\"all-minilm-l6-v2\"", "\"bert-large\"")
                        .replace("\"spam\"]", "\"ham\"]");

        assertThat(wire.post("/api/v1/jobs", body).tree())
                .isEqualTo(JsonMapper.shared().readTree(GoldenTest.golden("problem")));
    }

    @Test
    void whatIsNotJsonIsRefused() {
        wire.post("/api/v1/jobs", "{\"name\": ").is(ProblemType.MALFORMED_REQUEST);
        wire.post("/api/v1/jobs", "").is(ProblemType.MALFORMED_REQUEST);
        wire.send("POST", "/api/v1/jobs", "name=x", "Content-Type", "text/plain")
                .is(ProblemType.UNSUPPORTED_MEDIA_TYPE);
        wire.send("DELETE", "/api/v1/jobs", null).is(ProblemType.METHOD_NOT_ALLOWED);
    }

    @Test
    void unknownJobsAreNotFound() {
        String job = "/api/v1/jobs/0192f0c1-0a3b-7c44-8a10-6f3f0f6f4b01";

        wire.get(job).is(ProblemType.NOT_FOUND);
        wire.get(job + "/rounds").is(ProblemType.NOT_FOUND);
        wire.get(job + "/events").is(ProblemType.NOT_FOUND);
        wire.get(job + "/report").is(ProblemType.NOT_FOUND);
        wire.get(job + "/heads").is(ProblemType.NOT_FOUND);
        wire.get(job + "/rounds/1/selection").is(ProblemType.NOT_FOUND);
        wire.post(job + "/cancel", "").is(ProblemType.NOT_FOUND);
        wire.get("/api/v1/jobs/17").is(ProblemType.INVALID_VALUE);
    }

    @Test
    void aJobIsPausedResumedAndCancelledAsOftenAsOneLikes() {
        JobView job = wire.post("/api/v1/jobs", SPECIFICATION).as(JobView.class);
        String path = "/api/v1/jobs/" + job.id();

        for (int i = 0; i < 2; i++) {
            assertThat(wire.post(path + "/pause", "").as(JobView.class).state())
                    .isEqualTo(JobState.PAUSED);
        }
        for (int i = 0; i < 2; i++) {
            assertThat(wire.post(path + "/resume", "").as(JobView.class).state())
                    .isIn(JobState.PREPARING, JobState.RUNNING);
        }
        for (int i = 0; i < 2; i++) {
            JobView cancelled = wire.post(path + "/cancel", "").as(JobView.class);
            assertThat(cancelled.state()).isEqualTo(JobState.CANCELLED);
            assertThat(cancelled.reason()).isEqualTo("cancelled by an operator");
            assertThat(cancelled.waitingFor()).isNull();
        }
        wire.post(path + "/resume", "").is(ProblemType.JOB_ENDED);
        wire.get(path + "/rounds/1").is(ProblemType.NOT_FOUND);
    }

    @Test
    void theHeadMapComesInTheFormThatIsAskedFor() {
        String heads =
                "/api/v1/jobs/"
                        + wire.post("/api/v1/jobs", SPECIFICATION).as(JobView.class).id()
                        + "/heads";

        assertThat(wire.get(heads).header("Content-Type").orElseThrow())
                .startsWith("application/json");
        assertThat(wire.get(heads).as(HeadMap.class).blocks())
                .extracting(HeadMap.Block::name)
                .containsExactly("bert.encoder.layer.0.attention");
        Wire.Answer table = wire.send("GET", heads, null, "Accept", "text/csv");
        assertThat(table.header("Content-Type").orElseThrow()).startsWith("text/csv");
        assertThat(table.body()).isEqualTo("round,block,head,contributors,cohort,confidence\r\n");
        Wire.Answer picture =
                wire.send("GET", heads, null, "Accept", "image/avif,image/svg+xml,image/*;q=0.8");
        assertThat(picture.header("Content-Type").orElseThrow()).startsWith("image/svg+xml");
        assertThat(picture.body()).startsWith("<svg ");
        assertThat(wire.send("GET", heads + "?format=csv", null, "Accept", "*/*").body())
                .isEqualTo(table.body());
        assertThat(wire.get(heads + "?format=svg").body()).isEqualTo(picture.body());
        wire.get(heads + "?format=gif").is(ProblemType.INVALID_VALUE);
        wire.send("GET", heads, null, "Accept", "image/gif").is(ProblemType.NOT_ACCEPTABLE);
    }

    @Test
    void aComponentMapComesInTheFormThatIsAskedFor() {
        String components =
                "/api/v1/jobs/"
                        + wire.post("/api/v1/jobs", Examples.RANKS_SPECIFICATION)
                                .as(JobView.class)
                                .id()
                        + "/components";

        ComponentMap map = wire.get(components).as(ComponentMap.class);
        assertThat(map.modules())
                .containsExactly(
                        new ComponentMap.Module("bert.encoder.layer.0.attention.self.query", 8),
                        new ComponentMap.Module("bert.encoder.layer.0.attention.self.value", 8));
        assertThat(map.rounds()).isEmpty();
        Wire.Answer table = wire.send("GET", components, null, "Accept", "text/csv");
        assertThat(table.header("Content-Type").orElseThrow()).startsWith("text/csv");
        assertThat(table.body()).startsWith("round,module,component,");
        assertThat(wire.get(components + "?format=svg").body()).startsWith("<svg ");
        wire.get(components + "?format=gif").is(ProblemType.INVALID_VALUE);
        wire.send("GET", components, null, "Accept", "image/gif").is(ProblemType.NOT_ACCEPTABLE);
        wire.get("/api/v1/jobs/0192f0c1-0a3b-7c44-8a10-6f3f0f6f4bff/components")
                .is(ProblemType.NOT_FOUND);
    }

    @Test
    void aReportLooksForTheTargetThatIsAskedFor() {
        String report =
                "/api/v1/jobs/"
                        + wire.post("/api/v1/jobs", SPECIFICATION).as(JobView.class).id()
                        + "/report";

        assertThat(wire.get(report).as(JobReport.class).target()).isNull();
        assertThat(wire.get(report + "?targetAccuracy=0.9").as(JobReport.class).target())
                .isEqualTo(new JobReport.Target(0.9, null, null));
        wire.get(report + "?targetAccuracy=1.5").is(ProblemType.INVALID_VALUE);
        wire.get(report + "?targetAccuracy=high").is(ProblemType.INVALID_VALUE);
    }

    @Test
    void jobsAreListedNewestFirst() {
        JobView older = wire.post("/api/v1/jobs", SPECIFICATION).as(JobView.class);
        JobView newer = wire.post("/api/v1/jobs", SPECIFICATION).as(JobView.class);

        List<JobView> newest = List.of(wire.get("/api/v1/jobs?limit=2").as(JobView[].class));
        assertThat(newest)
                .extracting(JobView::id)
                .containsExactlyInAnyOrder(newer.id(), older.id());
        wire.get("/api/v1/jobs?limit=0").is(ProblemType.INVALID_VALUE);
        wire.get("/api/v1/jobs?limit=many").is(ProblemType.INVALID_VALUE);
    }

    @Test
    void whileTheRegistryIsSilentJobsAreNotTaken() {
        registry.outage().begin();
        try {
            Problem problem =
                    wire.post("/api/v1/jobs", SPECIFICATION).is(ProblemType.NEIGHBOUR_UNAVAILABLE);
            assertThat(problem.worthRetrying()).isTrue();
        } finally {
            registry.outage().end();
        }
    }

    @Test
    void everyOperationIsDocumentedWithExamplesAndProblems() {
        JsonNode document = wire.get("/v3/api-docs").tree();

        assertThat(document.at("/info/title").asString()).isEqualTo("Espalier orchestrator");
        assertThat(document.get("paths").propertyNames())
                .containsExactlyInAnyOrder(
                        "/api/v1/jobs",
                        "/api/v1/jobs/{job}",
                        "/api/v1/jobs/{job}/pause",
                        "/api/v1/jobs/{job}/resume",
                        "/api/v1/jobs/{job}/cancel",
                        "/api/v1/jobs/{job}/rounds",
                        "/api/v1/jobs/{job}/rounds/{number}",
                        "/api/v1/jobs/{job}/rounds/{number}/selection",
                        "/api/v1/jobs/{job}/report",
                        "/api/v1/jobs/{job}/heads",
                        "/api/v1/jobs/{job}/components",
                        "/api/v1/jobs/{job}/sparsity",
                        "/api/v1/jobs/{job}/events",
                        "/api/v1/agents",
                        "/api/v1/agents/{agent}",
                        "/api/v1/agents/{agent}/poll",
                        "/api/v1/agents/{agent}/assignments/{assignment}/progress",
                        "/api/v1/agents/{agent}/assignments/{assignment}/outcome");
        document.get("paths")
                .forEachEntry((path, methods) ->
                        methods.forEachEntry(
                                (method, operation) -> documented(method + " " + path, operation)));
        assertThat(document.toString()).doesNotContain("\"caller\"");
    }

    private static void documented(String name, JsonNode operation) {
        assertThat(operation.path("summary").asString()).as(name).isNotBlank();
        assertThat(operation.path("description").asString()).as(name).isNotBlank();
        boolean takesNothing = operation.path("parameters").isEmpty();
        if (!takesNothing) {
            assertThat(operation.get("responses").propertyNames())
                    .as(name)
                    .anyMatch(status -> status.startsWith("4"));
        }
        operation
                .get("responses")
                .forEachEntry((status, response) ->
                        response.path("content")
                                .forEachEntry((type, content) ->
                                        assertThat(
                                                        content.has("example")
                                                                || content.has("examples"))
                                                .as(name + " " + status)
                                                .isTrue()));
        if (operation.has("requestBody")) {
            assertThat(operation.at("/requestBody/content/application~1json").toString())
                    .as(name)
                    .contains("example");
        }
    }

    @Test
    void swaggerUiHealthAndMetricsAnswer() {
        assertThat(wire.get("/swagger-ui/index.html").status()).isEqualTo(200);
        assertThat(wire.get("/actuator/health/readiness").body()).contains("UP");
        assertThat(wire.get("/actuator/health/liveness").body()).contains("UP");
        assertThat(wire.get("/actuator/prometheus").body())
                .contains("espalier_jobs{")
                .contains("espalier_rounds{")
                .contains("espalier_agents_alive")
                .contains("espalier_work_pickup_seconds");
    }
}
