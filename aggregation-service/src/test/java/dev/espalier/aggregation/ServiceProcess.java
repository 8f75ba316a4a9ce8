package dev.espalier.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The service as a process of its own on a fresh database, that can be killed without warning
 * (SIGKILL) and started again.
 */
final class ServiceProcess implements AutoCloseable {

    private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

    private final JdbcConnectionDetails database = TestPostgres.shared().freshDatabase();
    private final Path folder;
    private final FakeRegistry registry;
    private @Nullable Process process;

    /**
     * @param folder where it keeps its files
     */
    ServiceProcess(Path folder, FakeRegistry registry) {
        this.folder = folder;
        this.registry = registry;
    }

    /** When this returns, it is ready. */
    Service launch() throws IOException {
        Path log = folder.resolve("service.log");
        Files.deleteIfExists(log);
        Process launched =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AggregationApplication.class.getName(),
                                "--server.port=0",
                                "--spring.datasource.url=" + database.getJdbcUrl(),
                                "--spring.datasource.username=" + database.getUsername(),
                                "--spring.datasource.password=" + database.getPassword(),
                                "--espalier.registry.url=" + registry.url(),
                                "--espalier.registry.attempts=1",
                                "--espalier.publish.lease=1s",
                                "--espalier.storage.folder=" + folder.resolve("service"))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        process = launched;
        Service service = new Service(port(launched, log));
        service.awaitReady();
        return service;
    }

    /** It takes one that is free, and says which. */
    private static int port(Process launched, Path log) throws IOException {
        while (true) {
            boolean alive = launched.isAlive();
            String said = Files.readString(log);
            Matcher started = STARTED.matcher(said);
            if (started.find()) {
                return Integer.parseInt(started.group(1));
            }
            assertThat(alive).as("the service ended:\n" + said).isTrue();
            LockSupport.parkNanos(50_000_000);
        }
    }

    void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
