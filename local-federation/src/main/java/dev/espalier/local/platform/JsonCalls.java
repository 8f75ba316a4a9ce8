package dev.espalier.local.platform;

import dev.espalier.protocol.problem.Problem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON over HTTP/1.1, one request after the other; lenient in what it reads. */
final class JsonCalls {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);

    static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .build();

    private final HttpClient http;
    private final URI service;

    JsonCalls(HttpClient http, URI service) {
        this.http = http;
        this.service = service;
    }

    static JavaType listOf(Class<?> element) {
        return JSON.getTypeFactory().constructCollectionType(List.class, element);
    }

    URI uri(String path) {
        return service.resolve(path);
    }

    <T> T get(String path, Class<T> type) throws IOException, InterruptedException {
        return call("GET", path, null, Map.of(), JSON.constructType(type));
    }

    <T> T get(String path, JavaType type) throws IOException, InterruptedException {
        return call("GET", path, null, Map.of(), type);
    }

    <T> T send(
            String method,
            String path,
            @Nullable Object body,
            Map<String, String> headers,
            Class<T> type)
            throws IOException, InterruptedException {
        return call(method, path, body, headers, JSON.constructType(type));
    }

    private <T> T call(
            String method,
            String path,
            @Nullable Object body,
            Map<String, String> headers,
            JavaType type)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .version(HttpClient.Version.HTTP_1_1)
                        .timeout(ANSWER_WITHIN)
                        .header("Accept", "application/json, application/problem+json")
                        .method(method, body == null ? BodyPublishers.noBody() : json(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        headers.forEach(request::header);
        HttpResponse<byte[]> answer = answer(request.build());
        if (answer.statusCode() >= 300) {
            throw refused(answer);
        }
        return JSON.readValue(answer.body(), type);
    }

    private HttpResponse<byte[]> answer(HttpRequest request)
            throws IOException, InterruptedException {
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (ConnectException nobodyThere) {
            throw new IOException(
                    "nothing answers at " + service + "; is it running?", nobodyThere);
        }
    }

    private static HttpRequest.BodyPublisher json(Object body) {
        return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
    }

    static RefusedByService refused(HttpResponse<byte[]> answer) {
        return new RefusedByService(answer.uri(), answer.statusCode(), problem(answer.body()));
    }

    private static @Nullable Problem problem(byte[] body) {
        try {
            return body.length == 0 ? null : JSON.readValue(body, Problem.class);
        } catch (JacksonException noProblem) {
            return null;
        }
    }
}
