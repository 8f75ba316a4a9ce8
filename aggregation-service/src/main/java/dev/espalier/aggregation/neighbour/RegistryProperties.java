package dev.espalier.aggregation.neighbour;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the model registry is.
 *
 * @param url without a path
 * @param connectTimeout how long a connection may take to come about
 * @param answerTimeout how long the registry may take to answer a message; files may take longer
 * @param attempts how often one file is tried again without progress before the call fails
 */
@ConfigurationProperties("espalier.registry")
record RegistryProperties(
        @DefaultValue("http://127.0.0.1:8081") URI url,
        @DefaultValue("5s") Duration connectTimeout,
        @DefaultValue("30s") Duration answerTimeout,
        @DefaultValue("3") int attempts) {

    RegistryProperties {
        if (url.getScheme() == null || url.getHost() == null || attempts < 1) {
            throw new IllegalArgumentException(
                    "espalier.registry.url must be like http://registry:8081 and attempts at least"
                            + " 1: "
                            + url
                            + ", "
                            + attempts);
        }
    }
}
