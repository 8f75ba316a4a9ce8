package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
            execute(server, "create table kept (word text)");
            execute(server, "insert into kept values ('yes')");
        }

        try (PostgresServer again = PostgresServer.start(folder.resolve("data"))) {
            assertThat(ask(again, "select word from kept")).isEqualTo("yes");
        }
    }

    @Test
    void aServerThatAKilledProcessLeftIsEndedAndItsDataIsWhole() throws Exception {
        Path data = folder.resolve("data");
        Process killed =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledProcess.class.getName(),
                                data.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start();
        assertThat(killed.waitFor()).isEqualTo(KilledProcess.EXIT);
        assertThat(Orphan.of(data)).isPresent();

        try (PostgresServer next = PostgresServer.start(data)) {
            assertThat(ask(next, "select word from kept")).isEqualTo("yes");
        }
    }

    /** Starts a server, writes to it and dies without a word, as after kill -9. */
    static final class KilledProcess {

        static final int EXIT = 137;

        private KilledProcess() {}

        @SuppressWarnings("resource") // never closed: that is the point
        public static void main(String[] args) throws Exception {
            PostgresServer server = PostgresServer.start(Path.of(args[0]));
            execute(server, "create table kept (word text)");
            execute(server, "insert into kept values ('yes')");
            Runtime.getRuntime().halt(EXIT);
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

    private static void execute(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static Connection connect(PostgresServer server) throws SQLException {
        return DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
    }
}
