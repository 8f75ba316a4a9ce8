package dev.espalier.aggregation.intake;

import jakarta.validation.Validator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Puts the check of updates together, which itself knows no framework. */
@Configuration(proxyBeanMethods = false)
class IntakeConfiguration {

    @Bean
    ManifestReader manifestReader(JsonMapper mapper, Validator validator, IntakeProperties limits) {
        return new ManifestReader(mapper, validator, limits.manifestSize().toBytes());
    }

    @Bean
    Inspectors inspectors(ManifestReader manifests, IntakeProperties limits) {
        return new Inspectors(
                new UpdateInspector(manifests, limits.mostExamples()),
                new PruningInspector(manifests, limits.mostExamples()));
    }
}
