package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.neighbour.FakeAggregation;
import dev.espalier.orchestrator.neighbour.FakeRegistry;
import dev.espalier.orchestrator.neighbour.Models;
import dev.espalier.protocol.ModelName;
import java.time.InstantSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Neighbours in memory instead of over HTTP. */
@TestConfiguration(proxyBeanMethods = false)
class TestWorld {

    @Bean
    @Primary
    FakeRegistry fakeRegistry() {
        FakeRegistry registry = new FakeRegistry();
        registry.publishBase(new ModelName("all-minilm-l6-v2"));
        registry.publishBase(new ModelName("opt-tiny"), Models.opt(6));
        return registry;
    }

    @Bean
    @Primary
    FakeAggregation fakeAggregation(FakeRegistry registry, InstantSource clock) {
        return new FakeAggregation(registry, clock);
    }
}
