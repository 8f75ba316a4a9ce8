package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PostgresServerIT {

    @TempDir Path folder;

    @Test
    void whatWasWrittenIsThereAfterARestart() throws Exception {
        try (PostgresServer server = PostgresServer.start(folder.resolve("data"))) {
            execute(server.jdbcUrl(), "create table kept (word text)");
            execute(server.jdbcUrl(), "insert into kept values ('yes')");
        }

        try (PostgresServer again = PostgresServer.start(folder.resolve("data"))) {
            assertThat(ask(again, "select word from kept")).isEqualTo("yes");
        }
    }

    @Test
    @SuppressWarnings("resource") // never closed: that is what a killed process leaves behind
    void aServerThatAKilledProcessLeftIsEndedAndItsDataIsWhole() throws Exception {
        EmbeddedPostgres left =
                EmbeddedPostgres.builder()
                        .setDataDirectory(folder.resolve("data").toFile())
                        .setCleanDataDirectory(false)
                        .setRegisterShutdownHook(false)
                        .start();
        execute(left.getJdbcUrl("postgres", "postgres"), "create table kept (word text)");

        try (PostgresServer next = PostgresServer.start(folder.resolve("data"))) {
            assertThat(next.port()).isNotEqualTo(left.getPort());
            assertThat(ask(next, "select count(*) from kept")).isEqualTo("0");
        }
    }

    @Test
    void aServerThatSomebodyStillUsesIsLeftAlone() throws Exception {
        try (PostgresServer used = PostgresServer.start(folder.resolve("data"))) {
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> PostgresServer.start(folder.resolve("data")))
                    .withMessageContaining("espalier.postgres.data-dir");

            assertThat(ask(used, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void commitsAreDurableAgainstTheDefaultsOfTheLibrary() throws Exception {
        try (PostgresServer server = PostgresServer.start(folder.resolve("data"))) {
            assertThat(ask(server, "show fsync")).isEqualTo("on");
            assertThat(ask(server, "show synchronous_commit")).isEqualTo("on");
        }
    }

    @Test
    void aConfiguredDatabaseKeepsTheEmbeddedOneAway() {
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(
                                EmbeddedPostgresAutoConfiguration.class,
                                DataSourceAutoConfiguration.class))
                .withPropertyValues("spring.datasource.url=jdbc:postgresql://db.example/espalier")
                .run(context -> assertThat(context).doesNotHaveBean(PostgresServer.class));
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(PostgresServer server, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                server.jdbcUrl(), server.user(), server.password());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
