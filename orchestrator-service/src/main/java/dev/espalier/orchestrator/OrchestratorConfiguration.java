package dev.espalier.orchestrator;

import dev.espalier.orchestrator.signal.Bell;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/** Time, chance and bells: what the rooms are handed. */
@Configuration(proxyBeanMethods = false)
class OrchestratorConfiguration {

    /** In whole milliseconds, so that an instant is the same before and after it was stored. */
    @Bean
    InstantSource clock() {
        return Clock.tickMillis(ZoneOffset.UTC);
    }

    @Bean
    Supplier<UUID> ids() {
        return UUID::randomUUID;
    }

    @Bean
    SecureRandom chance() {
        return new SecureRandom();
    }

    @Bean
    Bell<AgentName> workBell() {
        return new Bell<>();
    }

    @Bean
    Bell<JobId> eventBell() {
        return new Bell<>();
    }

    /** Ends waiting polls and streams before the server waits for its open requests. */
    @Bean
    BellRinger lastBell(Bell<AgentName> work, Bell<JobId> events) {
        return new BellRinger(work, events);
    }

    record BellRinger(Bell<AgentName> work, Bell<JobId> events) {

        @EventListener(ContextClosedEvent.class)
        void closing() {
            work.close();
            events.close();
        }
    }

    @Bean
    OpenAPI description() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("Espalier orchestrator")
                                .version("v1")
                                .description(
                                        "Starts federation jobs and says how they go. Text never"
                                                + " leaves its owners: agents beside the data poll"
                                                + " this service for work and hand in masked"
                                                + " updates elsewhere.")
                                .license(
                                        new License()
                                                .name("Apache-2.0")
                                                .url(
                                                        "https://www.apache.org/licenses/LICENSE-2.0.txt")));
    }
}
