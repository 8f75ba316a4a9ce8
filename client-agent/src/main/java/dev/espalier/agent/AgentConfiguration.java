package dev.espalier.agent;

import dev.espalier.agent.model.BaseModels;
import dev.espalier.agent.model.HttpRegistry;
import dev.espalier.agent.model.VersionCache;
import dev.espalier.agent.neighbour.Line;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.upload.HttpAggregation;
import dev.espalier.agent.work.TrainingSlots;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.Placement;
import dev.espalier.transfer.FileDownload;
import dev.espalier.transfer.FileUpload;
import dev.espalier.transfer.Retries;
import dev.espalier.transfer.Sleeper;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Puts the agents together: the only place that knows real time, chance and the network. */
@Configuration(proxyBeanMethods = false)
class AgentConfiguration {

    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

    /** On top of the time that a poll may be held back. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(20);

    /** Whoever transfers is patient, and looks meanwhile whether it is still wanted. */
    private static final Retries ONE_ATTEMPT = new Retries(1, Duration.ZERO, Duration.ZERO);

    /** Not Boot's own: a client forgives fields it does not know, whatever a server does. */
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    @Bean
    HttpClient agentHttpClient() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_WITHIN)
                .build();
    }

    @Bean
    AgentParts agentParts(
            AgentProperties properties,
            HttpClient http,
            RestClient.Builder rest,
            MeterRegistry meters)
            throws IOException {
        Compute.useThreads(properties.training().threads());
        Placement placement = Compute.useDevice(properties.training().device());
        Sleeper sleeper = Sleeper.real();
        Patience patience =
                new Patience(
                        properties.retry().first(),
                        properties.retry().longest(),
                        new Random(),
                        sleeper);
        Lines lines = new Lines(http, rest, properties.poll().waitUpTo().plus(ANSWER_WITHIN));
        URI registry = properties.registry().url();
        URI aggregation = properties.aggregation().url();
        VersionCache cache =
                new VersionCache(
                        properties.cacheFolder(),
                        properties.cache().maxSize().toBytes(),
                        new HttpRegistry(
                                registry,
                                lines.to("model-registry", registry),
                                new FileDownload(http, ONE_ATTEMPT, sleeper)),
                        InstantSource.system());
        return new AgentParts(
                lines.to("orchestrator-service", properties.orchestrator().url()),
                cache,
                new BaseModels(properties.training().compute().precision()),
                new HttpAggregation(
                        aggregation,
                        lines.to("aggregation-service", aggregation),
                        new FileUpload(http, ONE_ATTEMPT, sleeper)),
                new TrainingSlots(slots(properties)),
                placement,
                patience,
                sleeper,
                JSON,
                meters,
                System::nanoTime);
    }

    @Bean
    Agents agents(AgentProperties properties, AgentParts parts) throws IOException {
        if (properties.agents().isEmpty()) {
            throw new InvalidConfigurationPropertyValueException(
                    "espalier.agents",
                    "[]",
                    "there is no agent to start; set espalier.agents[0].name and its data");
        }
        List<Agent> agents = new AgentAssembly(properties, parts).assemble(Runtime.getRuntime());
        return new Agents(agents, parts.models());
    }

    private static int slots(AgentProperties properties) {
        Integer configured = properties.training().parallel();
        int cores = Runtime.getRuntime().availableProcessors();
        return configured == null
                ? Math.max(1, cores / properties.training().threads())
                : configured;
    }

    /** Lines to services, all made alike. */
    private record Lines(HttpClient http, RestClient.Builder rest, Duration answerWithin) {

        Line to(String service, URI address) {
            JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(http);
            requests.setReadTimeout(answerWithin);
            RestClient client =
                    rest.clone().baseUrl(address.toString()).requestFactory(requests).build();
            return new Line(service + " (" + address + ")", client, JSON);
        }
    }
}
