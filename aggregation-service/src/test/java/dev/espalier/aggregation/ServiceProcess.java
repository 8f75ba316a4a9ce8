package dev.espalier.aggregation;

import dev.espalier.postgres.testing.TestPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The service as a process of its own on a fresh database, that can be killed without warning
 * (SIGKILL) and started again.
 */
final class ServiceProcess implements AutoCloseable {

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
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AggregationApplication.class.getName(),
                                "--server.port=" + port,
                                "--spring.datasource.url=" + database.getJdbcUrl(),
                                "--spring.datasource.username=" + database.getUsername(),
                                "--spring.datasource.password=" + database.getPassword(),
                                "--espalier.registry.url=" + registry.url(),
                                "--espalier.registry.attempts=1",
                                "--espalier.publish.lease=1s",
                                "--espalier.storage.folder=" + folder.resolve("service"))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("service.log").toFile())
                        .start();
        Service service = new Service(port);
        service.awaitReady();
        return service;
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
