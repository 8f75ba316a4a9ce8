package dev.espalier.registry;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Where time comes in, and how the process shows itself. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class RegistryConfiguration {

    private static final String SOCKET_BUFFER_BYTES = "65536";

    /** Ticks in microseconds, which is what PostgreSQL keeps: an answer reads the same later. */
    @Bean
    InstantSource clock() {
        return Clock.tick(Clock.systemUTC(), Duration.ofNanos(1000));
    }

    /** Eight times Tomcat's default: large bodies took half the processor time with it. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> largeSocketBuffers() {
        return tomcat ->
                tomcat.addConnectorCustomizers(connector -> {
                    connector.setProperty("socket.appReadBufSize", SOCKET_BUFFER_BYTES);
                    connector.setProperty("socket.appWriteBufSize", SOCKET_BUFFER_BYTES);
                });
    }

    @Bean
    OpenAPI document() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("Espalier model registry")
                                .version("1")
                                .description(
                                        "Models, their immutable versions, movable aliases, and the"
                                                + " blobs they consist of. Versions never change,"
                                                + " names move.")
                                .license(new License().name("Apache-2.0")));
    }
}
