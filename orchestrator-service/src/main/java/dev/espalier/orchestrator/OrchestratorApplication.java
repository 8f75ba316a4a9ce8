package dev.espalier.orchestrator;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the orchestrator. Its settings lie in {@code orchestrator-service.yaml}. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class OrchestratorApplication {

    /** The service, not yet started; whoever starts it may set properties first. */
    public static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(OrchestratorApplication.class)
                .properties("spring.config.name=orchestrator-service");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }
}
