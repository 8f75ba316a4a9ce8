package dev.espalier.local.federation;

import dev.espalier.local.federation.Launcher.Running;
import dev.espalier.postgres.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole federation on this machine, over real HTTP and a real database. Any part can be stopped
 * and started again on the same port, files and tables, as a crash or an upgrade would.
 *
 * <p>Safe for several threads.
 */
public final class LocalFederation implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalFederation.class);

    private final FederationPlan plan;
    private final Launcher launcher;
    private final Closing beneath;
    private final Map<Part, Running> running = new EnumMap<>(Part.class);

    /**
     * @param beneath what all parts stand on; closed after the last of them
     */
    public LocalFederation(FederationPlan plan, Launcher launcher, Closing beneath) {
        this.plan = plan;
        this.launcher = launcher;
        this.beneath = beneath;
    }

    /** Ends something that is not a part. */
    @FunctionalInterface
    public interface Closing {

        void close();
    }

    /** One with a PostgreSQL server of its own, everything in one folder; no part runs yet. */
    public static LocalFederation in(HomeFolder home, Ports ports, List<AgentPlan> agents)
            throws IOException {
        return in(home, ports, agents, Map.of());
    }

    /**
     * The same.
     *
     * @param extra more settings for single parts
     */
    public static LocalFederation in(
            HomeFolder home,
            Ports ports,
            List<AgentPlan> agents,
            Map<Part, Map<String, String>> extra)
            throws IOException {
        PostgresServer server = PostgresServer.start(home.postgres());
        Database database = new Database(server.jdbcUrl(), server.user(), server.password());
        FederationPlan plan = new FederationPlan(home, database, ports, agents, extra);
        return new LocalFederation(plan, new InThisJvm(), server::close);
    }

    /** Starts whatever of these is not running yet, each part after those that it calls. */
    public synchronized void start(Part... parts) {
        for (Part part : Part.values()) {
            if (List.of(parts).contains(part) && !running.containsKey(part)) {
                running.put(part, launcher.launch(part, plan.settings(part)));
                log.info("part started part={} url={}", part.program(), url(part));
            }
        }
    }

    /** Stops a part; nothing happens where it does not run. */
    public synchronized void stop(Part part) {
        Running stopped = running.remove(part);
        if (stopped != null) {
            stopped.stop();
            log.info("part stopped part={}", part.program());
        }
    }

    public synchronized void restart(Part part) {
        stop(part);
        start(part);
    }

    public URI url(Part part) {
        return plan.ports().url(part);
    }

    /** Where people click through the API of a service. */
    public URI swagger(Part part) {
        return url(part).resolve("/swagger-ui.html");
    }

    /** Stops everything, callers before those they call. */
    @Override
    public synchronized void close() {
        for (Part part : List.of(Part.values()).reversed()) {
            stop(part);
        }
        beneath.close();
    }
}
