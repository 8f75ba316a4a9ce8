package dev.espalier.registry;

import static dev.espalier.registry.Messages.adapter;
import static dev.espalier.registry.Messages.base;
import static dev.espalier.registry.Messages.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.ModelView;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.registry.RegistryCalls.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishingIT extends RunningRegistry {

    private static final byte[] CONFIG = "{\"r\": 8}".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.of(CONFIG);
    private static final String FILE = file("config.json", DIGEST, CONFIG.length);

    @BeforeEach
    void uploadTheConfig() {
        registry.uploaded(CONFIG);
    }

    @Test
    void publishingCreatesTheModelAndMovesLatest() {
        Answer first = publish("p-first", base("import", FILE));
        Answer second = publish("p-first", base("import again", FILE));

        assertThat(first.status()).isEqualTo(201);
        assertThat(first.header("Location")).isEqualTo("/api/v1/models/p-first/versions/1");
        assertThat(second.as(VersionManifest.class).number()).isEqualTo(2);
        ModelView model = registry.get("/api/v1/models/p-first").as(ModelView.class);
        assertThat(model.versions()).isEqualTo(2);
        assertThat(model.aliases()).isEqualTo(Map.of("latest", 2));
        assertThat(registry.get("/api/v1/models/p-first/versions/latest").bytes())
                .isEqualTo(second.bytes());
    }

    @Test
    void whatWasPublishedIsReadBackTheSame() {
        Answer base = publish("p-base", base("import", FILE));
        Answer adapter = publish("p-adapter", adapter("round", "p-base@1", "p-base@1", FILE));

        VersionManifest manifest = adapter.as(VersionManifest.class);
        assertThat(manifest.base()).isEqualTo(VersionRef.parse("p-base@1"));
        assertThat(manifest.lineage().contributors()).hasSize(1);
        assertThat(manifest.digest()).isEqualTo(VersionManifest.digestOf(manifest.files()));
        assertThat(registry.get("/api/v1/models/p-adapter/versions/1").bytes())
                .isEqualTo(adapter.bytes());
        assertThat(registry.get("/api/v1/models/p-base/versions").text())
                .isEqualTo("[" + base.text() + "]");
    }

    @Test
    void theSameKeyWithTheSameContentIsTheSameVersion() {
        String other = file("a.json", DIGEST, CONFIG.length);
        Answer first = publish("p-retry", base("import", FILE, other));
        Answer again = publish("p-retry", base("import", other, FILE));

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.bytes()).isEqualTo(first.bytes());
        assertThat(registry.get("/api/v1/models/p-retry").as(ModelView.class).versions())
                .isEqualTo(1);
    }

    @Test
    void otherContentUnderTheSameKeyIsAContradiction() {
        publish("p-contra", base("import", FILE));

        Answer other = publish("p-contra", base("import", file("b.json", DIGEST, CONFIG.length)));

        assertThat(other.problem().is(ProblemType.CONTRADICTS_EARLIER_REQUEST)).isTrue();
        assertThat(other.problem().detail()).contains("p-contra@1");
    }

    @Test
    void concurrentPublicationsGetNumbersWithoutGaps() throws Exception {
        List<Callable<Integer>> publications = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            String key = "key " + i;
            publications.add(
                    () -> publish("p-race", base(key, FILE)).as(VersionManifest.class).number());
        }

        assertThat(inParallel(publications))
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 24).boxed().toList());
    }

    @Test
    void concurrentRetriesAreOneVersion() throws Exception {
        List<Callable<Integer>> retries = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            retries.add(() -> publish("p-retries", base("one key", FILE)).status());
        }

        assertThat(inParallel(retries)).containsOnly(200, 201).containsOnlyOnce(201);
        assertThat(registry.get("/api/v1/models/p-retries").as(ModelView.class).versions())
                .isEqualTo(1);
    }

    @Test
    void aMissingBlobIsNamedByItsPathAndNothingIsLeftBehind() {
        Digest never = Digest.of("never uploaded".getBytes(StandardCharsets.UTF_8));

        Answer answer = publish("p-missing", base("k", FILE, file("model.safetensors", never, 9)));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.problem().is(ProblemType.BLOB_MISSING)).isTrue();
        assertThat(answer.problem().fields().getFirst().field()).isEqualTo("files[1].digest");
        assertThat(answer.problem().detail()).contains("model.safetensors").contains(never.hex());
        assertThat(registry.get("/api/v1/models/p-missing").status()).isEqualTo(404);
    }

    @Test
    void aWrongSizeIsRefused() {
        assertThat(fields(publish("p-size", base("k", file("a", DIGEST, 3)))))
                .containsExactly("files[0].size");
    }

    @Test
    void moreBytesThanAVersionMayHaveAreRefused() {
        byte[] large = new byte[5 << 20];
        Digest digest = registry.uploaded(large);

        assertThat(
                        fields(
                                publish(
                                        "p-large",
                                        base(
                                                "k",
                                                file("a", digest, large.length),
                                                file("b", digest, large.length)))))
                .containsExactly("files");
    }

    @Test
    void unknownAncestorsAreRefused() {
        assertThat(fields(publish("p-orphan", adapter("k", "nobody@1", "nobody@2", FILE))))
                .containsExactly("base", "lineage.parent");
    }

    @Test
    void anAdapterSitsOnAModelThatARoundMerged() {
        publish("p-root", base("import", FILE));
        publish("p-grown", adapter("before", "p-root@1", null, FILE));
        String merged =
                adapter("round", "p-root@1", "p-grown@1", FILE).replace("ADAPTER", "MERGED");

        assertThat(publish("p-grown-base", merged).as(VersionManifest.class).base())
                .isEqualTo(VersionRef.parse("p-root@1"));
        Answer adapter = publish("p-grown", adapter("round", "p-grown-base@1", "p-grown@1", FILE));

        assertThat(adapter.as(VersionManifest.class).base())
                .isEqualTo(VersionRef.parse("p-grown-base@1"));
    }

    @Test
    void anAdapterDoesNotSitOnAnAdapter() {
        publish("p-stack", base("import", FILE));
        publish("p-stack", adapter("round", "p-stack@1", null, FILE));

        assertThat(fields(publish("p-stack", adapter("more", "p-stack@2", null, FILE))))
                .containsExactly("base");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a",
                "/a",
                "a/../b",
                "a//b",
                "a/",
                ".hidden",
                "a/.hidden",
                "a\\\\b",
                "a b",
                "",
                "C:/a",
                "a/b/c/d/e/f/g/h/i",
                "a\\u0000b"
            })
    void aPathThatCouldLeaveItsFolderIsRefused(String path) {
        assertThat(fields(publish("p-path", base("k", file(path, DIGEST, CONFIG.length)))))
                .containsExactly("files[0].path");
    }

    @ParameterizedTest(name = "{0} at {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"key\":\"k\",\"kind\":\"BASE\",\"files\":[],\"colour\":1}|colour|unknown-field",
                "{\"key\":\"k\",\"kind\":\"BASE\",\"files\":[]}|files|invalid-value",
                "{\"key\":\"\",\"kind\":\"BASE\",\"files\":[%s]}|key|invalid-value",
                "{\"kind\":\"BASE\",\"files\":[%s]}|key|invalid-value",
                "{\"key\":\"k\",\"kind\":\"base\",\"files\":[%s]}|kind|invalid-value",
                "{\"key\":\"k\",\"kind\":\"BASE\",\"files\":[%s],\"base\":\"x\"}|base|invalid-value",
                "{\"key\":\"k\",\"kind\":\"BASE\",\"files\":[null]}|files[0]|invalid-value",
                "{\"key\":\"a\\u0000b\",\"kind\":\"BASE\",\"files\":[%s]}|key|invalid-value",
                "{\"key\":\"k\",\"kind\":\"BASE\",\"files\":7}|files|invalid-value",
            })
    void whatIsWrongIsNamedByItsField(String json, String field, String type) {
        Answer answer = publish("p-wrong", json.replace("%s", FILE));

        assertThat(answer.problem().type()).hasToString("urn:espalier:problem:" + type);
        assertThat(fields(answer)).first().asString().startsWith(field);
        assertThat(registry.get("/api/v1/models/p-wrong").status()).isEqualTo(404);
    }

    @Test
    void whatIsNoJsonIsMalformed() {
        assertThat(publish("p-wrong", "{").problem().is(ProblemType.MALFORMED_REQUEST)).isTrue();
    }

    @Test
    void aStructureWithANulCharacterIsKeptAsItIs() {
        String structure =
                """
                {"family": "b\\u0000rt", "layers": 1, "hiddenSize": 1, "maxPositions": 1,
                 "vocabularySize": 1, "parameters": 1, "attentionBlocks": [],
                 "classificationHead": [], "defaultTargetModules": [],
                 "linears": [{"name": "q", "in": 1, "out": 1, "bias": true}]}\
                """;

        Answer answer =
                publish(
                        "p-nul",
                        """
                        {"key": "k", "kind": "BASE", "files": [%s], "structure": %s}\
                        """
                                .formatted(FILE, structure));

        assertThat(answer.status()).isEqualTo(201);
        assertThat(registry.get("/api/v1/models/p-nul/versions/1").bytes())
                .isEqualTo(answer.bytes());
    }

    @Test
    void anUnknownModelOrVersionIsNotFound() {
        publish("p-known", base("import", FILE));

        assertThat(registry.get("/api/v1/models/p-unknown").status()).isEqualTo(404);
        assertThat(registry.get("/api/v1/models/p-unknown/versions").status()).isEqualTo(404);
        assertThat(registry.get("/api/v1/models/p-unknown/versions/1").status()).isEqualTo(404);
        assertThat(registry.get("/api/v1/models/p-known/versions/2").status()).isEqualTo(404);
        assertThat(registry.get("/api/v1/models/p-known/versions/0").status()).isEqualTo(404);
        assertThat(registry.get("/api/v1/models/p-known/versions/champion").status())
                .isEqualTo(404);
        assertThat(registry.get("/api/v1/models/P-KNOWN").problem().is(ProblemType.INVALID_VALUE))
                .isTrue();
    }

    private Answer publish(String model, String json) {
        return registry.post("/api/v1/models/" + model + "/versions", json);
    }

    private static List<String> fields(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isIn(400, 422);
        return answer.problem().fields().stream().map(Problem.Field::field).toList();
    }

    static <T> List<T> inParallel(List<Callable<T>> calls) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> call : threads.invokeAll(calls)) {
                results.add(call.get());
            }
        }
        return results;
    }
}
