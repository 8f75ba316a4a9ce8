package dev.espalier.postgres;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param dataDir where the embedded server keeps its data when no {@code spring.datasource.url} is
 *     set
 */
@ConfigurationProperties("espalier.postgres")
record EmbeddedPostgresProperties(
        @DefaultValue("${user.home}/.espalier/postgres-" + PostgresServer.MAJOR) Path dataDir) {}
