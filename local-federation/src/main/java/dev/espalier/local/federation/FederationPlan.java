package dev.espalier.local.federation;

import dev.espalier.protocol.job.TaskKind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which parts run where: from it follow all settings of every part, and nothing else does.
 *
 * @param extra more settings for single parts; they outrank those that follow from the plan
 */
public record FederationPlan(
        HomeFolder home,
        Database database,
        Ports ports,
        List<AgentPlan> agents,
        Map<Part, Map<String, String>> extra) {

    public FederationPlan {
        agents = List.copyOf(agents);
        extra = Map.copyOf(extra);
    }

    /** The settings of one part, by property name. */
    public Map<String, String> settings(Part part) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("server.address", "127.0.0.1");
        settings.put("server.port", Integer.toString(ports.port(part)));
        settings.put("server.tomcat.basedir", home.of(part).resolve("tomcat").toString());
        // one registry of meters in each context, none shared
        settings.put("management.metrics.use-global-registry", "false");
        switch (part) {
            case REGISTRY -> registry(settings);
            case AGGREGATION -> aggregation(settings);
            case ORCHESTRATOR -> orchestrator(settings);
            case AGENTS -> agents(settings);
        }
        settings.putAll(extra.getOrDefault(part, Map.of()));
        return settings;
    }

    private void registry(Map<String, String> settings) {
        database(settings, "registry");
        withoutScheduler(settings);
        settings.put(
                "espalier.registry.blobs.folder",
                home.of(Part.REGISTRY).resolve("blobs").toString());
    }

    private void aggregation(Map<String, String> settings) {
        database(settings, "aggregation");
        withoutScheduler(settings);
        settings.put("espalier.storage.folder", home.of(Part.AGGREGATION).toString());
        settings.put("espalier.registry.url", ports.url(Part.REGISTRY).toString());
    }

    private void orchestrator(Map<String, String> settings) {
        database(settings, "orchestrator");
        settings.put("espalier.registry.url", ports.url(Part.REGISTRY).toString());
        settings.put("espalier.aggregation.url", ports.url(Part.AGGREGATION).toString());
    }

    private void agents(Map<String, String> settings) {
        settings.put("espalier.home", home.of(Part.AGENTS).resolve("agents").toString());
        settings.put("espalier.cache.folder", home.of(Part.AGENTS).resolve("cache").toString());
        settings.put("espalier.registry.url", ports.url(Part.REGISTRY).toString());
        settings.put("espalier.aggregation.url", ports.url(Part.AGGREGATION).toString());
        settings.put("espalier.orchestrator.url", ports.url(Part.ORCHESTRATOR).toString());
        for (int i = 0; i < agents.size(); i++) {
            agent(settings, "espalier.agents[" + i + "].", agents.get(i));
        }
    }

    private void agent(Map<String, String> settings, String prefix, AgentPlan agent) {
        String data = prefix + "data[0].";
        settings.put(prefix + "name", agent.name().value());
        settings.put(prefix + "roles", agent.work().roles());
        settings.put(data + "name", agent.data().value());
        settings.put(data + "path", agent.texts().toString());
        settings.put(data + "format", "JSONL");
        switch (agent.rows()) {
            case TEXTS -> {}
            case PAIRS -> settings.put(data + "columns.second-text", "secondText");
            case TEXT_TO_TEXT -> {
                settings.put(data + "task", TaskKind.TEXT_TO_TEXT.name());
                settings.put(data + "columns.target", "target");
            }
            case RUNNING_TEXT ->
                    settings.put(data + "task", TaskKind.CAUSAL_LANGUAGE_MODELLING.name());
        }
        settings.put(data + "held-out.share", agent.work().heldOut());
        bytes(settings, prefix + "memory", agent.means().memoryBytes());
        bytes(settings, prefix + "uplink", agent.means().uplinkBytesPerSecond());
    }

    private static void bytes(Map<String, String> settings, String name, @Nullable Long bytes) {
        if (bytes != null) {
            settings.put(name, bytes + "B");
        }
    }

    private void database(Map<String, String> settings, String schema) {
        settings.put("spring.datasource.url", database.urlOf(schema));
        settings.put("spring.datasource.username", database.user());
        settings.put("spring.datasource.password", database.password());
    }

    /** The orchestrator's scheduler comes with the one class path; only it has the table for it. */
    private static void withoutScheduler(Map<String, String> settings) {
        settings.put("db-scheduler.enabled", "false");
    }
}
