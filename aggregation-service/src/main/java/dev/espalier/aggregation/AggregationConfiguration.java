package dev.espalier.aggregation;

import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.transfer.Sleeper;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import java.time.Clock;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What all rooms need of the world outside: time, rest, processors; and the service's name. */
@Configuration(proxyBeanMethods = false)
class AggregationConfiguration {

    @Bean
    InstantSource clock() {
        return Clock.systemUTC();
    }

    @Bean
    Sleeper sleeper() {
        return Sleeper.real();
    }

    @Bean(destroyMethod = "shutdownNow")
    ExecutorService combineThreads() {
        return Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().name("combine-", 0).daemon().factory());
    }

    @Bean
    MaskedMean maskedMean(@Qualifier("combineThreads") ExecutorService threads) {
        return new MaskedMean(threads, Runtime.getRuntime().availableProcessors());
    }

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("Espalier aggregation service")
                                .version("v1")
                                .description(
                                        "Takes the updates of a round, checks every byte of them,"
                                                + " combines them and publishes the next version.")
                                .license(new License().name("Apache-2.0")));
    }
}
