package dev.espalier.registry;

import static dev.espalier.registry.Messages.base;
import static dev.espalier.registry.Messages.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.testing.TestPostgres;
import dev.espalier.protocol.Digest;
import dev.espalier.registry.RegistryCalls.Answer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

class RestartIT {

    private static final byte[] BYTES = new byte[100_000];
    private static final byte[] UNFINISHED = {1, 2, 3, 4};

    @TempDir private Path folder;

    @Test
    void aRestartKeepsEverything() {
        JdbcConnectionDetails database = TestPostgres.shared().freshDatabase();
        List<byte[]> before;
        try (ConfigurableApplicationContext first = start(database)) {
            RegistryCalls registry = calls(first);
            fill(registry);
            before = everything(registry);
        }

        try (ConfigurableApplicationContext second = start(database)) {
            RegistryCalls registry = calls(second);

            assertThat(everything(registry)).containsExactlyElementsOf(before);
            Answer rest =
                    registry.piece(
                            Digest.of(UNFINISHED), 2, 4, Arrays.copyOfRange(UNFINISHED, 2, 4));
            assertThat(rest.status()).isEqualTo(201);
            String again = base("import", file("a.bin", Digest.of(BYTES), BYTES.length));
            assertThat(registry.post("/api/v1/models/kept/versions", again).status())
                    .isEqualTo(200);
        }
    }

    private static void fill(RegistryCalls registry) {
        Digest digest = registry.uploaded(BYTES);
        registry.published("kept", base("import", file("a.bin", digest, BYTES.length)));
        registry.put(
                "/api/v1/models/kept/aliases/champion",
                """
                {"version": 1}\
                """);
        registry.put(
                "/api/v1/models/kept/versions/1/metrics/mail",
                """
                {"data": "mail", "examples": 5, "values": {"loss": 0.25}}\
                """);
        registry.piece(Digest.of(UNFINISHED), 0, 4, Arrays.copyOf(UNFINISHED, 2));
    }

    private static List<byte[]> everything(RegistryCalls registry) {
        return List.of(
                registry.get("/api/v1/models").bytes(),
                registry.get("/api/v1/models/kept/versions").bytes(),
                registry.get("/api/v1/models/kept/aliases/champion").bytes(),
                registry.get("/api/v1/models/kept/versions/champion/metrics").bytes(),
                registry.get("/api/v1/models/kept/versions/1/files/a.bin").bytes());
    }

    private ConfigurableApplicationContext start(JdbcConnectionDetails database) {
        return RegistryApplication.application()
                .run(
                        "--server.port=0",
                        "--espalier.registry.blobs.folder=" + folder,
                        "--spring.datasource.url=" + database.getJdbcUrl(),
                        "--spring.datasource.username=" + database.getUsername(),
                        "--spring.datasource.password=" + database.getPassword());
    }

    private static RegistryCalls calls(ConfigurableApplicationContext context) {
        return new RegistryCalls(((WebServerApplicationContext) context).getWebServer().getPort());
    }
}
