package dev.espalier.postgres.testing;

import dev.espalier.postgres.KnownDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The one server of a test JVM. The system property {@code espalier.test.postgres} ({@code
 * container}, {@code embedded}, or {@code auto}, the default) chooses its kind, {@code
 * espalier.test.postgres.image} the image.
 */
public final class TestPostgres {

    private static final Logger log = LoggerFactory.getLogger(TestPostgres.class);
    private static final AtomicInteger databases = new AtomicInteger();

    private final String server;
    private final String user;
    private final String password;

    private TestPostgres(String server, String user, String password) {
        this.server = server;
        this.user = user;
        this.password = password;
    }

    /** Started at the first call, ended with the JVM. */
    public static TestPostgres shared() {
        return Holder.SERVER;
    }

    /** A new, empty database. */
    public JdbcConnectionDetails freshDatabase() {
        String name = "test_" + databases.incrementAndGet() + "_" + ProcessHandle.current().pid();
        try (Connection connection =
                        DriverManager.getConnection(server + "postgres", user, password);
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("no test database could be created", e);
        }
        return new KnownDatabase(server + name, user, password);
    }

    private static TestPostgres start() {
        return switch (System.getProperty("espalier.test.postgres", "auto")) {
            case "container" -> startContainer();
            case "embedded" -> startEmbedded();
            default -> startWhatIsToBeHad();
        };
    }

    /** Docker that answers may still be unable to fetch the image, on a closed network say. */
    private static TestPostgres startWhatIsToBeHad() {
        if (DockerClientFactory.instance().isDockerAvailable()) {
            try {
                return startContainer();
            } catch (ContainerLaunchException | ContainerFetchException noImage) {
                log.info("no container could be started: {}", noImage.getMessage());
            }
        }
        return startEmbedded();
    }

    @SuppressWarnings("resource") // lives as long as the JVM; Testcontainers removes it
    private static TestPostgres startContainer() {
        String image = System.getProperty("espalier.test.postgres.image", "postgres:18-alpine");
        PostgreSQLContainer container =
                new PostgreSQLContainer(
                        DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
        container.start();
        log.info("tests use PostgreSQL in a container of {}", image);
        String server =
                "jdbc:postgresql://"
                        + container.getHost()
                        + ":"
                        + container.getMappedPort(5432)
                        + "/";
        return new TestPostgres(server, container.getUsername(), container.getPassword());
    }

    private static TestPostgres startEmbedded() {
        try {
            EmbeddedPostgres embedded =
                    EmbeddedPostgres.builder()
                            .setServerConfig("listen_addresses", "127.0.0.1")
                            .setServerConfig("max_connections", "300")
                            .start();
            log.info("tests use an embedded PostgreSQL");
            return new TestPostgres(
                    "jdbc:postgresql://127.0.0.1:" + embedded.getPort() + "/",
                    "postgres",
                    "postgres");
        } catch (IOException e) {
            throw new UncheckedIOException("no PostgreSQL for tests", e);
        }
    }

    private static final class Holder {
        static final TestPostgres SERVER = start();
    }
}
