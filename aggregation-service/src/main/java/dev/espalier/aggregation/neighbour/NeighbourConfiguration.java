package dev.espalier.aggregation.neighbour;

import dev.espalier.aggregation.Storage;
import dev.espalier.transfer.FileDownload;
import dev.espalier.transfer.FileUpload;
import dev.espalier.transfer.Retries;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.client.RestClient;

/** Puts the way to the registry together, and keeps its cache small. */
@Configuration(proxyBeanMethods = false)
class NeighbourConfiguration {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    @Bean
    ModelRegistry modelRegistry(
            RegistryProperties properties,
            Storage storage,
            RestClient.Builder rest,
            Sleeper sleeper,
            InstantSource clock)
            throws IOException {
        HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(properties.connectTimeout())
                        .build();
        JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(http);
        requests.setReadTimeout(properties.answerTimeout());
        Retries retries = new Retries(properties.attempts(), FIRST_PAUSE, LONGEST_PAUSE);
        return new ModelRegistry(
                properties.url(),
                new RegistryCalls(rest.baseUrl(properties.url()).requestFactory(requests).build()),
                new FileDownload(http, retries, sleeper),
                new FileUpload(http, retries, sleeper),
                new BlobCache(storage.cache()),
                clock);
    }

    @Bean
    CacheCleaning cacheCleaning(ModelRegistry registry, Storage storage) {
        return new CacheCleaning(registry, storage.cacheAge());
    }

    /** Deletes, now and then, what nobody used for long. */
    static final class CacheCleaning {

        private static final Logger log = LoggerFactory.getLogger(CacheCleaning.class);

        private final ModelRegistry registry;
        private final Duration age;

        CacheCleaning(ModelRegistry registry, Duration age) {
            this.registry = registry;
            this.age = age;
        }

        @Scheduled(initialDelayString = "PT1M", fixedDelayString = "PT1H")
        void clean() throws IOException {
            int deleted = registry.forgetUnused(age);
            if (deleted > 0) {
                log.info("cache cleaned files={}", deleted);
            }
        }
    }
}
