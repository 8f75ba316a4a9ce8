package dev.espalier.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server on loopback whose data outlives it. Durable like any other: fsync and
 * synchronous commits are on, against the defaults of the library, which is made for tests.
 */
public final class PostgresServer implements AutoCloseable {

    /** The major version of the binaries; data folders of one cannot be read by another. */
    public static final int MAJOR = 18;

    private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);
    private static final Duration START_WITHIN = Duration.ofSeconds(60);

    private final EmbeddedPostgres server;
    private final DataFolder folder;

    private PostgresServer(EmbeddedPostgres server, DataFolder folder) {
        this.server = server;
        this.folder = folder;
    }

    /**
     * Starts a server on a free port, after ending one that a killed process left running on the
     * same data.
     *
     * @param dataFolder created when it is missing
     * @throws IllegalStateException another living process uses the folder
     */
    public static PostgresServer start(Path dataFolder) throws IOException {
        DataFolder folder = DataFolder.claim(dataFolder.toAbsolutePath().normalize());
        try {
            Orphan.of(folder.path()).ifPresent(Orphan::stop);
            EmbeddedPostgres server = startOn(folder.path());
            log.info("postgresql started port={} data={}", server.getPort(), folder.path());
            return new PostgresServer(server, folder);
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private static EmbeddedPostgres startOn(Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data.toFile())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(
                        false) // the owner closes it, after those who still write to it
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "200")
                .setPGStartupWait(START_WITHIN)
                .start();
    }

    public int port() {
        return server.getPort();
    }

    /** Of the database {@code postgres}. */
    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres";
    }

    public String user() {
        return "postgres";
    }

    /** Never asked for: the server trusts loopback. Drivers want one all the same. */
    public String password() {
        return "postgres";
    }

    @Override
    public void close() {
        try {
            server.close();
            log.info("postgresql stopped");
        } catch (IOException e) {
            log.warn("postgresql did not stop: {}", e.getMessage());
        } finally {
            folder.close();
        }
    }
}
