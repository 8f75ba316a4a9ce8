package dev.espalier.local.federation;

import dev.espalier.agent.AgentApplication;
import dev.espalier.aggregation.AggregationApplication;
import dev.espalier.orchestrator.OrchestratorApplication;
import dev.espalier.registry.RegistryApplication;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Each part as a Spring context beside the others; one heap, one engine, one base model. */
public final class InThisJvm implements Launcher {

    @Override
    public Running launch(Part part, Map<String, String> settings) {
        String[] arguments =
                settings.entrySet().stream()
                        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                        .toArray(String[]::new);
        ConfigurableApplicationContext context =
                application(part)
                        .registerShutdownHook(false) // whoever started them all knows the order
                        .run(arguments);
        return context::close;
    }

    private static SpringApplicationBuilder application(Part part) {
        return switch (part) {
            case REGISTRY -> RegistryApplication.application();
            case AGGREGATION -> AggregationApplication.application();
            case ORCHESTRATOR -> OrchestratorApplication.application();
            case AGENTS -> AgentApplication.application();
        };
    }
}
