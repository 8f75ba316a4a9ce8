package dev.espalier.orchestrator.neighbour;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.AliasView;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.RoundSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Both fakes behind one real HTTP server, speaking the protocol as the real services do. */
public final class NeighbourServer implements AutoCloseable {

    private final HttpServer server;
    private final FakeRegistry registry;
    private final FakeAggregation aggregation;
    private final JsonMapper json = JsonMapper.shared();

    public NeighbourServer(FakeRegistry registry, FakeAggregation aggregation) throws IOException {
        this.registry = registry;
        this.aggregation = aggregation;
        this.server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private record Answer(int status, @Nullable Object body) {}

    private void handle(HttpExchange exchange) throws IOException {
        String[] path =
                exchange.getRequestURI().getPath().substring("/api/v1/".length()).split("/");
        byte[] request = exchange.getRequestBody().readAllBytes();
        Answer answer;
        try {
            answer = answer(exchange.getRequestMethod(), path, request);
        } catch (NeighbourRefused refused) {
            answer = problem(refused);
        } catch (NeighbourUnavailable down) {
            answer = new Answer(502, "<html>bad gateway</html>");
        }
        byte[] body = answer.body() == null ? new byte[0] : json.writeValueAsBytes(answer.body());
        exchange.getResponseHeaders()
                .set(
                        "Content-Type",
                        answer.status() < 400 ? "application/json" : "application/problem+json");
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private Answer answer(String method, String[] path, byte[] request) {
        return switch (path[0]) {
            case "models" -> models(method, path, request);
            case "jobs" -> jobs(path, request);
            case "rounds" -> rounds(method, path, request);
            default -> new Answer(404, "nothing of ours");
        };
    }

    private Answer models(String method, String[] path, byte[] request) {
        ModelName model = new ModelName(path[1]);
        if (path[2].equals("aliases")) {
            return aliases(method, model, new AliasName(path[3]), request);
        }
        if (path.length == 6) {
            registry.recordMetrics(
                    new VersionRef(model, Integer.parseInt(path[3])),
                    json.readValue(request, VersionMetrics.class));
            return new Answer(204, null);
        }
        return registry.find(new ModelPointer(model, path[3]))
                .map(version -> new Answer(200, version))
                .orElseGet(() -> problem(ProblemType.NOT_FOUND));
    }

    private Answer aliases(String method, ModelName model, AliasName alias, byte[] request) {
        if (method.equals("GET")) {
            OptionalInt version = registry.alias(model, alias);
            return version.isPresent()
                    ? new Answer(200, new AliasView(model, alias, version.getAsInt()))
                    : problem(ProblemType.NOT_FOUND);
        }
        MoveAlias move = json.readValue(request, MoveAlias.class);
        return registry.moveAlias(model, alias, move)
                ? new Answer(200, new AliasView(model, alias, move.version()))
                : problem(ProblemType.ALIAS_MOVED);
    }

    private Answer jobs(String[] path, byte[] request) {
        return path[2].equals("initial-adapter")
                ? new Answer(
                        200,
                        aggregation.initialAdapter(json.readValue(request, InitialAdapter.class)))
                : new Answer(
                        200, aggregation.mergedModel(json.readValue(request, MergeAdapter.class)));
    }

    private Answer rounds(String method, String[] path, byte[] request) {
        RoundId round = RoundId.parse(path[1]);
        if (path.length == 2) {
            return new Answer(
                    200,
                    method.equals("PUT")
                            ? aggregation.open(json.readValue(request, RoundSession.class))
                            : aggregation.view(round));
        }
        return new Answer(
                202, path[2].equals("seal") ? aggregation.seal(round) : aggregation.cancel(round));
    }

    private static Answer problem(NeighbourRefused refused) {
        for (ProblemType type : ProblemType.values()) {
            if (refused.is(type)) {
                return problem(type);
            }
        }
        throw new AssertionError(refused);
    }

    private static Answer problem(ProblemType type) {
        return new Answer(
                type.status(),
                new Problem(
                        type.uri(),
                        type.title(),
                        type.status(),
                        "test",
                        type.worthRetrying(),
                        null));
    }
}
