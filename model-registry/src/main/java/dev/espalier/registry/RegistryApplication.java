package dev.espalier.registry;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Starts the registry. Its settings are in {@code model-registry.yaml}. */
@SpringBootApplication
public class RegistryApplication {

    public static void main(String... args) {
        application().run(args);
    }

    /**
     * The registry, not yet started: for a launcher that runs several services in one JVM, each
     * with settings of its own.
     */
    public static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(RegistryApplication.class)
                .properties("spring.config.name=model-registry");
    }
}
