package dev.espalier.registry.version;

import dev.espalier.registry.blob.Blobs;
import dev.espalier.registry.model.Models;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the room together. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(VersionProperties.class)
class VersionConfiguration {

    @Bean
    Versions versions(
            VersionRows rows,
            Models models,
            Blobs blobs,
            VersionProperties properties,
            InstantSource clock) {
        ManifestRules rules = new ManifestRules(properties.maxSize().toBytes());
        return new Versions(rows, models, blobs, rules, clock);
    }
}
