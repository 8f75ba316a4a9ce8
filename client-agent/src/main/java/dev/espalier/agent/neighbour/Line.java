package dev.espalier.agent.neighbour;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The line to one service. Only a problem from the catalogue that is not worth retrying is a
 * refusal; everything else, a proxy's 404 too, means that the service is unavailable.
 */
public final class Line {

    private final String service;
    private final RestClient client;
    private final JsonMapper json;

    /**
     * @param service its name and address, for messages
     * @param client with the address of the service
     * @param json forgiving: fields it does not know are no error
     */
    public Line(String service, RestClient client, JsonMapper json) {
        this.service = service;
        this.client = client;
        this.json = json;
    }

    /**
     * One call.
     *
     * @throws RefusedException the service refuses it for good
     * @throws UnavailableException it may succeed later
     */
    public Answer call(Function<RestClient, RestClient.RequestHeadersSpec<?>> request) {
        try {
            return new Answer(request.apply(client).retrieve().toEntity(byte[].class));
        } catch (RestClientResponseException answered) {
            throw judged(answered);
        } catch (RestClientException silent) {
            throw new UnavailableException(service + " does not answer: " + kind(silent));
        }
    }

    /** A message as a body for {@link #call}. */
    public byte[] body(Object message) {
        return json.writeValueAsBytes(message);
    }

    /** What a call gave. */
    public final class Answer {

        private final ResponseEntity<byte[]> entity;

        private Answer(ResponseEntity<byte[]> entity) {
            this.entity = entity;
        }

        public boolean isEmpty() {
            byte[] body = entity.getBody();
            return body == null || body.length == 0;
        }

        public Optional<String> header(String name) {
            return Optional.ofNullable(entity.getHeaders().getFirst(name));
        }

        /**
         * @throws UnavailableException if the body is no such message: something else answered
         */
        public <T> T as(Class<T> message) {
            byte[] body = entity.getBody();
            try {
                return json.readValue(body == null ? new byte[0] : body, message);
            } catch (JacksonException notIt) {
                throw new UnavailableException(
                        "%s gave no %s".formatted(service, message.getSimpleName()));
            }
        }
    }

    /** What every message is sent as. */
    public static MediaType json() {
        return MediaType.APPLICATION_JSON;
    }

    private RuntimeException judged(RestClientResponseException answered) {
        return problem(answered.getResponseBodyAsByteArray())
                .filter(problem ->
                        !problem.worthRetrying() && answered.getStatusCode().is4xxClientError())
                .<RuntimeException>map(problem -> new RefusedException(service, problem))
                .orElseGet(() ->
                        new UnavailableException(
                                service + " answers with status " + answered.getStatusCode()));
    }

    /** The problem in a body, if it is one of the catalogue. */
    public Optional<Problem> problem(byte[] body) {
        try {
            return Optional.of(json.readValue(body, Problem.class))
                    .filter(read -> read.type() != null && ProblemType.of(read.type()).isPresent());
        } catch (JacksonException notAProblem) {
            return Optional.empty();
        }
    }

    /** The kind of the failure behind Spring's own; its message would only repeat the address. */
    private static String kind(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause.getClass().getSimpleName();
    }
}
