package dev.espalier.registry;

import static dev.espalier.registry.Messages.base;
import static dev.espalier.registry.Messages.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.model.AliasView;
import dev.espalier.protocol.model.ModelView;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.registry.RegistryCalls.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsAndAliasesIT extends RunningRegistry {

    @Test
    void aModelIsCreatedOnce() {
        String wish =
                """
                {"name": "m-once", "description": "Tells spam from ham"}\
                """;

        assertThat(registry.post("/api/v1/models", wish).status()).isEqualTo(201);
        assertThat(registry.post("/api/v1/models", wish).status()).isEqualTo(200);
        Answer other =
                registry.post(
                        "/api/v1/models",
                        """
                        {"name": "m-once", "description": "Something else"}\
                        """);
        assertThat(other.problem().is(ProblemType.CONTRADICTS_EARLIER_REQUEST)).isTrue();
        assertThat(Arrays.stream(registry.get("/api/v1/models").as(ModelView[].class)))
                .extracting(model -> model.name().value())
                .containsOnlyOnce("m-once")
                .isSorted();
    }

    @Test
    void aModelThatPublishingCreatedIsDescribedLater() {
        publish("m-described", 1);

        Answer described =
                registry.post(
                        "/api/v1/models",
                        """
                        {"name": "m-described", "description": "Described later"}\
                        """);

        assertThat(described.status()).isEqualTo(200);
        assertThat(described.as(ModelView.class).description()).isEqualTo("Described later");
        assertThat(described.as(ModelView.class).versions()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\": \"Upper\", \"description\": \"\"}",
                "{\"name\": \"m-x\"}",
                "{\"description\": \"\"}",
                "{\"name\": \"m-x\", \"description\": \"a\\u0000b\"}",
                "{\"name\": 7, \"description\": \"\"}",
                "{\"name\": \"../m\", \"description\": \"\"}",
                "{\"name\": \"m-x\", \"description\": \"\", \"owner\": \"eve\"}"
            })
    void aSenselessModelIsRefused(String wish) {
        Answer answer = registry.post("/api/v1/models", wish);

        assertThat(answer.status()).as(answer.text()).isIn(400, 422);
        assertThat(answer.problem().fields()).isNotEmpty();
        assertThat(registry.get("/api/v1/models/m-x").status()).isEqualTo(404);
    }

    @Test
    void whoAcceptsNoJsonIsRefusedInJson() {
        Answer answer = registry.get("/api/v1/models", "Accept", "text/html");

        assertThat(answer.status()).isEqualTo(406);
        assertThat(answer.problem().is(ProblemType.NOT_ACCEPTABLE)).isTrue();
    }

    @Test
    void anAliasMovesByCompareAndSet() {
        publish("m-alias", 3);

        Answer created = move("m-alias", "champion", 2, null);
        Answer moved = move("m-alias", "champion", 3, 2);
        Answer behind = move("m-alias", "champion", 1, 2);

        assertThat(created.as(AliasView.class).version()).isEqualTo(2);
        assertThat(moved.as(AliasView.class).version()).isEqualTo(3);
        assertThat(behind.status()).isEqualTo(409);
        assertThat(behind.problem().is(ProblemType.ALIAS_MOVED)).isTrue();
        assertThat(behind.problem().detail()).contains("3");
        assertThat(move("m-alias", "champion", 3, 2).status()).isEqualTo(200);
        assertThat(
                        registry.get("/api/v1/models/m-alias/aliases/champion")
                                .as(AliasView.class)
                                .version())
                .isEqualTo(3);
        assertThat(registry.get("/api/v1/models/m-alias/versions/champion").bytes())
                .isEqualTo(registry.get("/api/v1/models/m-alias/versions/3").bytes());
    }

    @Test
    void oneOfManyWinsARace() throws Exception {
        publish("m-race", 9);
        move("m-race", "champion", 9, null);
        List<Callable<Integer>> movers = new ArrayList<>();
        for (int version = 1; version <= 8; version++) {
            int wish = version;
            movers.add(() -> move("m-race", "champion", wish, 9).status());
        }

        assertThat(PublishingIT.inParallel(movers)).containsOnly(200, 409).containsOnlyOnce(200);
    }

    @Test
    void latestIsNotMovedByHand() {
        publish("m-latest", 2);

        Answer answer = move("m-latest", "latest", 1, 2);

        assertThat(answer.problem().is(ProblemType.FORBIDDEN)).isTrue();
        assertThat(
                        registry.get("/api/v1/models/m-latest/aliases/latest")
                                .as(AliasView.class)
                                .version())
                .isEqualTo(2);
    }

    @Test
    void anAliasOfNothingIsRefused() {
        publish("m-none", 1);

        assertThat(move("m-none", "champion", 2, null).problem().is(ProblemType.INVALID_VALUE))
                .isTrue();
        assertThat(move("m-none", "7", 1, null).problem().is(ProblemType.INVALID_VALUE)).isTrue();
        assertThat(move("m-none", "champion", 0, null).problem().is(ProblemType.INVALID_VALUE))
                .isTrue();
        assertThat(move("m-nobody", "champion", 1, null).status()).isEqualTo(404);
        assertThat(registry.get("/api/v1/models/m-none/aliases/champion").status()).isEqualTo(404);
    }

    @Test
    void metricsAreKeptPerVersionAndData() {
        publish("m-metrics", 2);
        String path = "/api/v1/models/m-metrics/versions/1/metrics";
        String first =
                """
                {"data": "mail", "examples": 400, "values": {"loss": 0.5, "accuracy": 0.9}}\
                """;
        String later =
                """
                {"data": "mail", "examples": 400, "values": {"accuracy": 0.95}}\
                """;
        String other =
                """
                {"data": "news", "examples": 10, "values": {"accuracy": 0.1}}\
                """;

        assertThat(registry.put(path + "/mail", first).status()).isEqualTo(204);
        assertThat(registry.put(path + "/mail", first).status()).isEqualTo(204);
        assertThat(registry.put(path + "/news", other).status()).isEqualTo(204);
        assertThat(registry.put(path + "/mail", later).status()).isEqualTo(204);

        VersionMetrics[] kept = registry.get(path).as(VersionMetrics[].class);
        assertThat(kept)
                .extracting(metrics -> metrics.data().value())
                .containsExactly("mail", "news");
        assertThat(kept[0].values()).containsOnlyKeys("accuracy").containsValue(0.95);
        assertThat(registry.get("/api/v1/models/m-metrics/versions/2/metrics").text())
                .isEqualTo("[]");
    }

    @Test
    void senselessMetricsAreRefused() {
        publish("m-nonsense", 1);
        String path = "/api/v1/models/m-nonsense/versions/1/metrics/mail";

        assertThat(put(path, "mail", "{}").status()).isEqualTo(422);
        assertThat(put(path, "mail", "{\"a\": null}").status()).isEqualTo(422);
        assertThat(put(path, "mail", "{\"a\": \"NaN\"}").status()).isEqualTo(422);
        assertThat(put(path, "mail", "{\"a\": 1e999}").status()).isEqualTo(422);
        assertThat(put(path, "mail", "{\"a b\": 1}").status()).isEqualTo(422);
        assertThat(put(path, "news", "{\"a\": 1}").status()).isEqualTo(422);
        assertThat(
                        put(
                                        "/api/v1/models/m-nonsense/versions/2/metrics/mail",
                                        "mail",
                                        "{\"a\": 1}")
                                .status())
                .isEqualTo(404);
    }

    private Answer put(String path, String data, String values) {
        return registry.put(
                path,
                """
                {"data": "%s", "examples": 1, "values": %s}\
                """
                        .formatted(data, values));
    }

    private Answer move(String model, String alias, int version, Integer expected) {
        return registry.put(
                "/api/v1/models/%s/aliases/%s".formatted(model, alias),
                """
                {"version": %d, "expected": %s}\
                """
                        .formatted(version, expected));
    }

    private void publish(String model, int versions) {
        byte[] bytes = {1, 2, 3};
        String file = file("a.json", registry.uploaded(bytes), bytes.length);
        for (int i = 0; i < versions; i++) {
            registry.published(model, base("key " + i, file));
        }
    }
}
