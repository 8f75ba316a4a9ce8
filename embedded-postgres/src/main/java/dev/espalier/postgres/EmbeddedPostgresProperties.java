package dev.espalier.postgres;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * @param dataDir where the embedded server keeps its data when no spring.datasource.url is set; by
 *     default a folder of the application's own under .espalier in the user's home
 */
@ConfigurationProperties("espalier.postgres")
record EmbeddedPostgresProperties(@Nullable Path dataDir) {

    Path dataDirOr(String application) {
        return dataDir != null
                ? dataDir
                : Path.of(
                        System.getProperty("user.home"),
                        ".espalier",
                        application,
                        "postgres-" + PostgresServer.MAJOR);
    }
}
