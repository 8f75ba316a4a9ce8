package dev.espalier.problem;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ProblemAdviceIT {

    @LocalServerPort private int port;

    @Autowired private JsonMapper json;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void aRefusalIsAProblemOfTheCatalogue() throws Exception {
        HttpResponse<String> answer = get("/refused");

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(answer.headers().firstValue("Upload-Offset")).contains("7");
        Problem problem = problem(answer);
        assertThat(problem.type()).isEqualTo(URI.create("urn:espalier:problem:round-closed"));
        assertThat(problem.title()).isEqualTo(ProblemType.ROUND_CLOSED.title());
        assertThat(problem.detail()).isEqualTo("round 3 is sealed");
        assertThat(problem.worthRetrying()).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"name\":\"a\",\"count\":1,\"colour\":3}|unknown-field|400|colour|there is no"
                        + " such field; known here: count, kind, name, parts",
                "{\"name\":\"a\",\"count\":\"1\"}|invalid-value|422|count|must be a whole number"
                        + " within its range",
                "{\"name\":\"a\",\"count\":1.5}|invalid-value|422|count|must be a whole number"
                        + " within its range",
                "{\"name\":\"a\",\"count\":\"many\"}|invalid-value|422|count|must be a whole number"
                        + " within its range",
                "{\"name\":\"A B\",\"count\":1}|invalid-value|422|name|model name must be",
                "{\"name\":\"a\",\"count\":11}|invalid-value|422|count|must be less than or equal"
                        + " to 10",
                "{\"count\":1}|invalid-value|422|name|must not be null",
                "{\"name\":\"a\",\"count\":1,\"parts\":[{\"kind\":\"LEFT\"},{\"kind\":\"PRUNE\"}]}|invalid-value|422|parts[1].kind|'PRUNE'"
                    + " is none that is known here: LEFT",
                "{\"name\":\"a\",\"count\":1,\"parts\":[{}]}|invalid-value|422|parts[0].kind|must"
                        + " say which it is",
                "{\"name\":\"a\",\"count\":1,\"parts\":{}}|invalid-value|422|parts|must be a list",
                "{\"name\":\"a\",\"count\":1,\"kind\":\"BLUE\"}|invalid-value|422|kind|must be one"
                        + " of RED, GREEN",
            })
    void aBadFieldIsNamedWithItsReason(
            String body, String type, int status, String field, String reason) throws Exception {
        HttpResponse<String> answer = post(body);

        assertThat(answer.statusCode()).isEqualTo(status);
        Problem problem = problem(answer);
        assertThat(problem.type()).isEqualTo(URI.create("urn:espalier:problem:" + type));
        assertThat(problem.fields())
                .singleElement()
                .satisfies(named -> {
                    assertThat(named.field()).isEqualTo(field);
                    assertThat(named.reason()).startsWith(reason);
                });
        assertThat(problem.detail()).contains(field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"name\":|",
                "``|",
                "not json|",
                "{\"name\":\"a\",\"name\":\"b\",\"count\":1}|",
                "{\"name\":\"a\",\"count\":1} x|"
            })
    void whatIsNotJsonIsMalformed(String body) throws Exception {
        HttpResponse<String> answer = post(body == null ? "" : body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(problem(answer).is(ProblemType.MALFORMED_REQUEST)).isTrue();
    }

    @Test
    void aNameInTheUrlIsReadByItsOwnRule() throws Exception {
        HttpResponse<String> answer = get("/jobs/7");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(problem(answer).fields())
                .containsExactly(new Problem.Field("job", "job id must be a UUID"));
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        assertThat(problem(get("/nowhere")).is(ProblemType.NOT_FOUND)).isTrue();
    }

    @Test
    void aMethodThatIsNotTakenIsSaidSo() throws Exception {
        HttpResponse<String> answer = get("/things");

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(problem(answer).is(ProblemType.METHOD_NOT_ALLOWED)).isTrue();
    }

    @Test
    void whatTomcatItselfRefusesIsAProblemToo() throws Exception {
        HttpResponse<String> answer = get("/jobs/a%2Fb");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/problem+json");
        assertThat(problem(answer).is(ProblemType.MALFORMED_REQUEST)).isTrue();
    }

    @Test
    void aMessageWithoutEndIsNotRead() throws Exception {
        HttpResponse<String> answer =
                post("{\"name\":" + " ".repeat((64 << 20) + 1) + "\"a\",\"count\":1}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(problem(answer).is(ProblemType.MALFORMED_REQUEST)).isTrue();
    }

    @Test
    void aSurpriseTellsTheCallerNothingOfItsInside() throws Exception {
        HttpResponse<String> answer = get("/surprise");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(problem(answer).is(ProblemType.INTERNAL)).isTrue();
        assertThat(answer.body()).doesNotContain("secret");
    }

    @Test
    void theOpenApiDocumentNamesTheRefusals() throws Exception {
        JsonNode document = json.readTree(get("/v3/api-docs").body());

        JsonNode examples =
                document.at(
                        "/paths/~1refused/get/responses/409/content/application~1problem+json/examples");
        assertThat(examples.has("round-closed")).isTrue();
        assertThat(examples.has("update-contradicts")).isTrue();
        assertThat(document.at("/components/schemas/Problem/properties").has("worthRetrying"))
                .isTrue();
    }

    private Problem problem(HttpResponse<String> answer) {
        return json.readValue(answer.body(), Problem.class);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return http.send(
                request("/things")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    enum Colour {
        RED,
        GREEN
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes(@JsonSubTypes.Type(value = Left.class, name = "LEFT"))
    sealed interface Part {}

    record Left() implements Part {}

    record Thing(
            @NotNull ModelName name,
            @Min(0) @Max(10) int count,
            Colour kind,
            List<@Valid Part> parts) {}

    @RestController
    static class Things {

        @PostMapping("/things")
        void take(@Valid @RequestBody Thing thing) {}

        @GetMapping("/refused")
        @Refuses({ProblemType.ROUND_CLOSED, ProblemType.UPDATE_CONTRADICTS})
        void refuse() {
            throw new ProblemException(ProblemType.ROUND_CLOSED, "round 3 is sealed")
                    .withHeader("Upload-Offset", "7");
        }

        @GetMapping("/surprise")
        void surprise() {
            throw new IllegalStateException("secret inside");
        }

        @GetMapping("/jobs/{job}")
        String job(@PathVariable JobId job) {
            return job.toString();
        }
    }

    @Configuration
    @EnableAutoConfiguration
    @Import(Things.class)
    static class Application {}
}
