package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.neighbour.FakeRegistry;
import dev.espalier.postgres.testing.RealPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The operator's API over real HTTP and a real database. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "spring.config.name=orchestrator-service")
@RealPostgres
@Import(TestWorld.class)
class JobsApiIT {

    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonMapper json = JsonMapper.shared();

    @LocalServerPort int port;
    @Autowired FakeRegistry registry;

    @Test
    void theDocumentedSpecificationIsAcceptedAsItStands() throws Exception {
        HttpResponse<String> answer = post("/api/v1/jobs", Examples.SPECIFICATION);

        assertThat(answer.statusCode()).isEqualTo(201);
        JsonNode job = json.readTree(answer.body());
        assertThat(answer.headers().firstValue("Location"))
                .contains("/api/v1/jobs/" + job.get("id").asString());
        System.out.println(answer.body());
    }

    HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
