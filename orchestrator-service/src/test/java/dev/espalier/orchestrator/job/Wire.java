package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real HTTP to a running service. */
final class Wire {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LOOKS = 600;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    Wire(int port) {
        this.port = port;
    }

    record Answer(int status, String body, HttpResponse<String> response) {

        <T> T as(Class<T> type) {
            assertThat(status).as(body).isBetween(200, 299);
            return JSON.readValue(body, type);
        }

        JsonNode tree() {
            return JSON.readTree(body);
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        /** Checks that it is this refusal. */
        Problem is(ProblemType type) {
            assertThat(header("Content-Type")).as(body).contains("application/problem+json");
            Problem problem = JSON.readValue(body, Problem.class);
            assertThat(problem.type()).as(body).isEqualTo(type.uri());
            assertThat(status).isEqualTo(type.status());
            assertThat(problem.worthRetrying()).isEqualTo(type.worthRetrying());
            return problem;
        }
    }

    Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    Answer post(String path, String body, String... headers) {
        return send("POST", path, body, withJson(headers));
    }

    Answer put(String path, String body, String... headers) {
        return send("PUT", path, body, withJson(headers));
    }

    Answer send(String method, String path, @Nullable String body, String... headers) {
        HttpRequest.BodyPublisher publisher =
                body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest.Builder request = request(path).method(method, publisher);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    HttpClient http() {
        return http;
    }

    /** Looks until it is so. */
    <T> T await(String path, Class<T> type, Predicate<T> condition) {
        for (int look = 0; look < LOOKS; look++) {
            T seen = get(path).as(type);
            if (condition.test(seen)) {
                return seen;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
        throw new AssertionError("never so: " + get(path).body());
    }

    private static String[] withJson(String[] headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/json";
        return all;
    }
}
