package dev.espalier.orchestrator.neighbour;

import java.net.URI;
import java.net.http.HttpClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.json.JsonMapper;

/** The lines to the neighbours: HTTP/1.1, with timeouts, lenient in what they read. */
@Configuration(proxyBeanMethods = false)
class NeighbourConfiguration {

    @Bean
    Registry registry(
            RegistryProperties registry,
            NeighbourProperties neighbour,
            RestClient.Builder builder,
            JsonMapper json) {
        return new HttpRegistry(
                line("the model registry", registry.url(), neighbour, builder, json));
    }

    @Bean
    Aggregation aggregation(
            AggregationProperties aggregation,
            NeighbourProperties neighbour,
            RestClient.Builder builder,
            JsonMapper json) {
        return new HttpAggregation(
                line("the aggregation service", aggregation.url(), neighbour, builder, json));
    }

    private static Line line(
            String neighbour,
            URI url,
            NeighbourProperties properties,
            RestClient.Builder builder,
            JsonMapper json) {
        HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(properties.connectTimeout())
                        .build();
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(http);
        factory.setReadTimeout(properties.readTimeout());
        RestClient client = builder.clone().baseUrl(url.toString()).requestFactory(factory).build();
        return new Line(neighbour, url, client, json);
    }
}
