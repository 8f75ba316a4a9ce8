package dev.espalier.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.registry.RegistryCalls.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * What crosses the wire, to the letter. Changing a golden file is a decision about the protocol.
 */
class GoldenIT extends RunningRegistry {

    private static final byte[] CONFIG = "{\"r\": 8}".getBytes(StandardCharsets.UTF_8);

    @Test
    void aManifestIsWrittenLikeThis() throws IOException {
        registry.uploaded(CONFIG);
        registry.published("g-base", golden("publish-base.json"));
        Answer answer =
                registry.post("/api/v1/models/g-adapter/versions", golden("publish-adapter.json"));

        assertThat(pretty(answer)).isEqualToIgnoringNewLines(golden("version-manifest.json"));
    }

    @Test
    void aProblemIsWrittenLikeThis() throws IOException {
        registry.uploaded(CONFIG);
        Answer answer =
                registry.post("/api/v1/models/g-refused/versions", golden("publish-orphan.json"));

        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(pretty(answer)).isEqualToIgnoringNewLines(golden("problem.json"));
    }

    /** Only the time of publishing differs from run to run. */
    private static String pretty(Answer answer) {
        return JsonMapper.shared()
                .readTree(answer.bytes())
                .toPrettyString()
                .replaceAll(
                        "\"createdAt\" :"
                                + " \"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?Z\"",
                        "\"createdAt\" : \"2026-01-31T12:00:00Z\"");
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = GoldenIT.class.getResourceAsStream("/golden/" + name)) {
            return new String(
                    Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
