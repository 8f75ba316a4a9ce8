package dev.espalier.agent;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Starts the agents. Its settings are in {@code client-agent.yaml}. */
@SpringBootApplication
@EnableConfigurationProperties(AgentProperties.class)
public class AgentApplication {

    public static void main(String... args) {
        application().run(args);
    }

    /**
     * The agents of one JVM, not yet started: for a launcher that runs several services in one JVM,
     * each with settings of its own.
     */
    public static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(AgentApplication.class)
                .properties("spring.config.name=client-agent");
    }
}
