package dev.espalier.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpenApiIT extends RunningRegistry {

    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "patch", "head", "delete");

    private record Operation(String name, JsonNode node) {}

    @Test
    void everyOperationSaysWhatItIsForAndHowItRefuses() {
        for (Operation operation : operations()) {
            assertThat(operation.node().path("summary").asString(""))
                    .as("summary of %s", operation.name())
                    .isNotBlank();
            assertThat(operation.node().path("description").asString(""))
                    .as("description of %s", operation.name())
                    .isNotBlank();
            assertThat(problems(operation))
                    .as("problem responses of %s", operation.name())
                    .isNotEmpty();
        }
    }

    @Test
    void everyMessageHasAnExample() {
        for (Operation operation : operations()) {
            List<JsonNode> messages = new ArrayList<>();
            operation.node().path("requestBody").path("content").forEach(messages::add);
            operation
                    .node()
                    .path("responses")
                    .forEach(r -> r.path("content").forEach(messages::add));
            for (JsonNode message : messages) {
                boolean binary =
                        message.path("schema").path("format").asString("").equals("binary");
                assertThat(binary || message.has("example") || message.has("examples"))
                        .as("%s: %s", operation.name(), message)
                        .isTrue();
            }
        }
    }

    @Test
    void thePathsAreThoseOfTheProtocol() {
        assertThat(document().path("paths").propertyNames())
                .containsExactlyInAnyOrder(
                        "/api/v1/models",
                        "/api/v1/models/{model}",
                        "/api/v1/models/{model}/versions",
                        "/api/v1/models/{model}/versions/{version}",
                        "/api/v1/models/{model}/versions/{version}/files/{path}",
                        "/api/v1/models/{model}/versions/{version}/metrics",
                        "/api/v1/models/{model}/versions/{version}/metrics/{data}",
                        "/api/v1/models/{model}/aliases/{alias}",
                        "/api/v1/blobs/{digest}");
    }

    @Test
    void swaggerUiAndProbesAnswer() {
        assertThat(registry.get("/swagger-ui/index.html").status()).isEqualTo(200);
        assertThat(registry.get("/actuator/health/liveness").text()).contains("UP");
        assertThat(registry.get("/actuator/health/readiness").text()).contains("UP");
        registry.uploaded(new byte[] {42});
        assertThat(registry.get("/actuator/prometheus").text())
                .contains("espalier_registry_blob_received_bytes_total")
                .contains("espalier_registry_blob_sent_bytes_total");
    }

    private JsonNode document() {
        return JsonMapper.shared().readTree(registry.get("/v3/api-docs").bytes());
    }

    private List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        document()
                .path("paths")
                .forEachEntry((path, item) ->
                        item.forEachEntry((method, node) -> {
                            if (METHODS.contains(method)) {
                                operations.add(new Operation(method + " " + path, node));
                            }
                        }));
        assertThat(operations).hasSizeGreaterThan(12);
        return operations;
    }

    private static List<String> problems(Operation operation) {
        List<String> statuses = new ArrayList<>();
        operation
                .node()
                .path("responses")
                .forEachEntry((status, response) -> {
                    if (response.path("content").has("application/problem+json")) {
                        statuses.add(status);
                    }
                });
        return statuses;
    }
}
