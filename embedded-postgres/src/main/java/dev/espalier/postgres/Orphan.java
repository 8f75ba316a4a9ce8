package dev.espalier.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that outlived the process that started it. It holds the lock on its data, so nobody else
 * can start there.
 *
 * @param process checked to be PostgreSQL's and to work on this very data, since process ids are
 *     used again
 */
record Orphan(ProcessHandle process, Path data) {

    private static final Logger log = LoggerFactory.getLogger(Orphan.class);
    private static final long STOP_WITHIN_SECONDS = 30;

    /**
     * @param data absolute
     */
    static Optional<Orphan> of(Path data) {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        try {
            List<String> lines = Files.readAllLines(pidFile);
            boolean sameData = lines.size() > 1 && Path.of(lines.get(1).trim()).equals(data);
            return sameData
                    ? ProcessHandle.of(Long.parseLong(lines.getFirst().trim()))
                            .filter(Orphan::isPostgres)
                            .map(process -> new Orphan(process, data))
                    : Optional.empty();
        } catch (NumberFormatException unreadable) {
            return Optional.empty(); // PostgreSQL itself decides what to do with such a file
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isPostgres(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/postgres");
    }

    /** A fast shutdown, as an administrator would do it: SIGINT to the postmaster. */
    void stop() {
        log.warn(
                "ending the postgresql server that an earlier run left pid={} data={}",
                process.pid(),
                data);
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
            process.onExit().get(STOP_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "a PostgreSQL server (pid %d) still works on %s and could not be stopped: stop it by hand"
                            .formatted(process.pid(), data),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a PostgreSQL server was stopped", e);
        }
    }
}
