package dev.espalier.aggregation.neighbour;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** The registry's messages. */
final class RegistryCalls {

    private final RestClient http;

    /**
     * @param http with the registry's address as its base
     */
    RegistryCalls(RestClient http) {
        this.http = http;
    }

    VersionManifest version(VersionRef ref) {
        return call(
                http.get()
                        .uri("/api/v1/models/{model}/versions/{number}", ref.model(), ref.number()),
                new ProblemException(
                        ProblemType.UNKNOWN_MODEL, ref + " is not in the model registry"));
    }

    VersionManifest publish(ModelName model, PublishVersion version) {
        return call(
                http.post()
                        .uri("/api/v1/models/{model}/versions", model)
                        .contentType(MediaType.APPLICATION_JSON)
                        .body(version),
                unavailable("it does not know where to publish"));
    }

    private static VersionManifest call(
            RestClient.RequestHeadersSpec<?> request, ProblemException notFound) {
        try {
            return request.exchange((asked, answer) -> {
                if (answer.getStatusCode().value() == 404) {
                    throw notFound;
                }
                if (answer.getStatusCode().isError()) {
                    throw refusal(answer);
                }
                return Optional.ofNullable(answer.bodyTo(VersionManifest.class))
                        .orElseThrow(() -> unavailable("its answer is empty"));
            });
        } catch (ResourceAccessException unreachable) {
            throw unavailable(String.valueOf(unreachable.getMessage()));
        } catch (RestClientException unreadable) {
            throw unavailable("its answer cannot be read: " + unreadable.getMessage());
        }
    }

    private static ProblemException refusal(
            RestClient.RequestHeadersSpec.ConvertibleClientHttpResponse answer) throws IOException {
        if (answer.getStatusCode().is5xxServerError() || isTooMany(answer)) {
            return unavailable("it answers " + answer.getStatusCode().value());
        }
        Problem problem = answer.bodyTo(Problem.class);
        ProblemType type =
                Optional.ofNullable(problem)
                        .map(Problem::type)
                        .flatMap(ProblemType::of)
                        .orElse(ProblemType.CONTRADICTS_EARLIER_REQUEST);
        return new ProblemException(
                type,
                "The model registry refused this: "
                        + (problem == null ? answer.getStatusCode() : problem.detail()));
    }

    private static boolean isTooMany(ClientHttpResponse answer) throws IOException {
        return answer.getStatusCode().value() == 429;
    }

    static ProblemException unavailable(String why) {
        return new ProblemException(
                ProblemType.NEIGHBOUR_UNAVAILABLE,
                "The model registry does not answer; try again later. (" + why + ")");
    }
}
