package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The line to one neighbour, with its failures told apart: only a problem from the catalogue is a
 * refusal. Everything else, a proxy's 404 too, means that the neighbour cannot be reached.
 */
final class Line {

    private final String neighbour;
    private final URI url;
    private final RestClient client;
    private final JsonMapper json;

    Line(String neighbour, URI url, RestClient client, JsonMapper json) {
        this.neighbour = neighbour;
        this.url = url;
        this.client = client;
        this.json = json;
    }

    <T> T call(Class<T> answer, Function<RestClient, RestClient.RequestHeadersSpec<?>> request) {
        T body = exchange(() -> request.apply(client).retrieve().body(answer));
        if (body == null) {
            throw new NeighbourUnavailable(neighbour + " gave an empty answer");
        }
        return body;
    }

    void tell(Function<RestClient, RestClient.RequestHeadersSpec<?>> request) {
        exchange(() -> request.apply(client).retrieve().toBodilessEntity());
    }

    private <T> T exchange(Supplier<T> exchange) {
        try {
            return exchange.get();
        } catch (RestClientResponseException answered) {
            throw judged(answered);
        } catch (RestClientException silent) {
            throw new NeighbourUnavailable(
                    "%s does not answer at %s (%s)".formatted(neighbour, url, reason(silent)));
        }
    }

    private RuntimeException judged(RestClientResponseException answered) {
        HttpStatusCode status = answered.getStatusCode();
        Optional<Problem> problem = problem(answered.getResponseBodyAsString());
        if (problem.isPresent()
                && status.is4xxClientError()
                && (!problem.get().worthRetrying() || problem.get().is(ProblemType.ALIAS_MOVED))) {
            return new NeighbourRefused(neighbour, problem.get());
        }
        String detail = problem.map(known -> ": " + known.detail()).orElse("");
        return new NeighbourUnavailable(
                "%s answers with status %d%s".formatted(neighbour, status.value(), detail));
    }

    private Optional<Problem> problem(String body) {
        try {
            return Optional.of(json.readValue(body, Problem.class))
                    .filter(read -> read.type() != null && ProblemType.of(read.type()).isPresent());
        } catch (JacksonException notAProblem) {
            return Optional.empty();
        }
    }

    private static String reason(RestClientException silent) {
        Throwable cause = silent.getCause() == null ? silent : silent.getCause();
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
