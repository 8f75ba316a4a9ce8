package dev.espalier.aggregation;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.transfer.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;

/** The service as its callers see it. */
public final class Service {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;

    public Service(int port) {
        this.url = "http://127.0.0.1:" + port;
    }

    /** An answer, whatever it is. */
    public record Answer(HttpResponse<byte[]> response) {

        public int status() {
            return response.statusCode();
        }

        public <T> T body(Class<T> type) {
            return JSON.readValue(response.body(), type);
        }

        public ProblemType problem() {
            return ProblemType.of(body(Problem.class).type()).orElseThrow();
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("none");
        }
    }

    public Answer open(RoundSession session) {
        return json("PUT", "/api/v1/rounds/" + session.round(), JSON.writeValueAsString(session));
    }

    public RoundSessionView view(RoundId round) {
        return get("/api/v1/rounds/" + round).body(RoundSessionView.class);
    }

    public Answer seal(RoundId round) {
        return json("POST", "/api/v1/rounds/" + round + "/seal", "");
    }

    public Answer cancel(RoundId round) {
        return json("POST", "/api/v1/rounds/" + round + "/cancel", "");
    }

    public Answer handIn(RoundId round, AgentName agent, byte[] bytes) {
        return send(upload(round, agent, Digest.of(bytes)).PUT(BodyPublishers.ofByteArray(bytes)));
    }

    public Answer piece(RoundId round, AgentName agent, byte[] whole, int from, int to) {
        return send(
                upload(round, agent, Digest.of(whole))
                        .header("Upload-Offset", Integer.toString(from))
                        .header("Upload-Length", Integer.toString(whole.length))
                        .method(
                                "PATCH",
                                BodyPublishers.ofByteArray(Arrays.copyOfRange(whole, from, to))));
    }

    public Answer head(RoundId round, AgentName agent, byte[] whole) {
        return send(upload(round, agent, Digest.of(whole)).HEAD());
    }

    public HttpRequest.Builder upload(RoundId round, AgentName agent, Digest digest) {
        return update(round, agent)
                .header("Authorization", "Bearer " + TinyModel.token(agent))
                .header(Digests.HEADER, Digests.header(digest));
    }

    public HttpRequest.Builder update(RoundId round, AgentName agent) {
        return HttpRequest.newBuilder(
                        URI.create(url + "/api/v1/rounds/" + round + "/updates/" + agent))
                .header("Content-Type", "application/octet-stream");
    }

    public Answer get(String path) {
        return send(HttpRequest.newBuilder(URI.create(url + path)));
    }

    public Answer json(String method, String path, String body) {
        return send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body)));
    }

    public Answer send(HttpRequest.Builder request) {
        try {
            return new Answer(http.send(request.build(), BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks until the service says that it is ready, or gives up after five minutes. */
    public void awaitReady() {
        long giveUp = System.nanoTime() + 300_000_000_000L;
        while (System.nanoTime() < giveUp) {
            try {
                if (get("/actuator/health/readiness").status() == 200) {
                    return;
                }
            } catch (UncheckedIOException notYet) {
                // nobody listens yet
            }
            LockSupport.parkNanos(100_000_000);
        }
        throw new AssertionError("the service does not become ready");
    }

    /** Asks until the round is as wanted, or gives up after two minutes. */
    public RoundSessionView await(RoundId round, Predicate<RoundSessionView> wanted) {
        long giveUp = System.nanoTime() + 120_000_000_000L;
        RoundSessionView view = view(round);
        while (!wanted.test(view)) {
            if (System.nanoTime() > giveUp) {
                throw new AssertionError("still " + view);
            }
            LockSupport.parkNanos(50_000_000);
            view = view(round);
        }
        return view;
    }
}
