package dev.espalier.registry;

import static dev.espalier.registry.Messages.base;
import static dev.espalier.registry.Messages.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.registry.RegistryCalls.Answer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilesIT extends RunningRegistry {

    private static final String FILES = "/api/v1/models/f-files/versions/1/files/";
    private static final byte[] CONFIG = "{\"r\": 8}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] WEIGHTS = new byte[200_000];

    @BeforeEach
    void publish() {
        Digest config = registry.uploaded(CONFIG);
        Digest weights = registry.uploaded(WEIGHTS);
        registry.published(
                "f-files",
                base(
                        "import",
                        file("config.json", config, CONFIG.length),
                        file("onnx/model.safetensors", weights, WEIGHTS.length)));
    }

    @Test
    void aFileComesUnderItsOwnName() {
        Answer config = registry.get(FILES + "config.json");
        Answer weights = registry.get(FILES + "onnx/model.safetensors");

        assertThat(config.bytes()).isEqualTo(CONFIG);
        assertThat(config.header("Content-Type")).isEqualTo("application/json");
        assertThat(config.header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"config.json\"");
        assertThat(config.header("Cache-Control")).isEqualTo("max-age=31536000, immutable");
        assertThat(weights.bytes()).isEqualTo(WEIGHTS);
        assertThat(weights.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(weights.header("Content-Disposition")).contains("\"model.safetensors\"");
    }

    @Test
    void underAnAliasTheCacheMustAsk() {
        Answer answer = registry.get("/api/v1/models/f-files/versions/latest/files/config.json");

        assertThat(answer.bytes()).isEqualTo(CONFIG);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(answer.header("Content-Location")).isEqualTo(FILES + "config.json");
        assertThat(
                        registry.get(
                                        "/api/v1/models/f-files/versions/latest/files/config.json",
                                        "If-None-Match",
                                        answer.header("ETag"))
                                .status())
                .isEqualTo(304);
    }

    @Test
    void headSaysAllButTheBytes() {
        Answer answer = registry.head(FILES + "onnx/model.safetensors");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Length")).isEqualTo("200000");
        assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
        assertThat(answer.bytes()).isEmpty();
    }

    @Test
    void aPartOfAFileIsEnoughForSome() {
        Answer answer = registry.get(FILES + "config.json", "Range", "bytes=0-3");

        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.bytes()).isEqualTo(Arrays.copyOf(CONFIG, 4));
    }

    @Test
    void whateverTheCallerAcceptsAProblemIsReadable() {
        Answer answer = registry.get(FILES + "none.json", "Accept", "application/octet-stream");

        assertThat(answer.status()).isEqualTo(404);
    }

    @Test
    void whatTheManifestDoesNotListIsNotFound() {
        assertThat(registry.get(FILES + "none.json").problem().is(ProblemType.NOT_FOUND)).isTrue();
        assertThat(registry.get(FILES + "onnx").status()).isEqualTo(404);
        assertThat(registry.get(FILES).status()).isEqualTo(404);
        assertThat(
                        registry.get("/api/v1/models/f-files/versions/2/files/config.json")
                                .problem()
                                .is(ProblemType.NOT_FOUND))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../../../../../../../etc/passwd",
                "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "..%2f..%2f..%2fetc%2fpasswd",
                "onnx/../config.json/../../../etc/passwd",
                "/etc/passwd",
                "..;/..;/etc/passwd",
                "config.json%00.txt",
                "..%5c..%5cetc%5cpasswd"
            })
    void noPathLeadsOutOfTheVersion(String path) {
        Answer answer = registry.get(FILES + path);

        assertThat(answer.status()).isBetween(400, 499);
        assertThat(answer.text()).doesNotContain("root:");
    }
}
