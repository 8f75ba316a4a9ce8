package dev.espalier.orchestrator.neighbour;

import java.net.URI;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param url where the model registry is reached
 */
@ConfigurationProperties("espalier.registry")
record RegistryProperties(@DefaultValue("http://127.0.0.1:8081") URI url) {}
