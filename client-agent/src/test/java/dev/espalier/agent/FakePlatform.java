package dev.espalier.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Enrolment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Poll;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Orchestrator, registry and aggregation service in one, as docs/protocol.md has them and as strict
 * as the real ones: unknown fields, wrong secrets and wrong digests are refused.
 */
public final class FakePlatform implements AutoCloseable {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final HttpServer server;
    private final Map<String, VersionManifest> manifests = new HashMap<>();
    private final Map<String, Path> blobs = new HashMap<>();
    private final Map<String, String> secrets = new HashMap<>();
    private final Map<String, Deque<Assignment>> work = new HashMap<>();
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private final Map<String, byte[]> updates = new HashMap<>();
    private final Map<String, List<Progress>> progress = new HashMap<>();
    private final List<AssignmentId> stopped = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private long blobBytes;
    private int failures;

    public FakePlatform() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public synchronized FakePlatform with(VersionManifest manifest, Path folder) {
        manifests.put(path(manifest.ref()), manifest);
        manifest.files().forEach(f -> blobs.put(f.digest().hex(), folder.resolve(f.path())));
        return this;
    }

    /** Gives an agent work; it is given again until its outcome is told. */
    synchronized void assign(String agent, Assignment assignment) {
        work.computeIfAbsent(agent, none -> new ArrayDeque<>()).add(assignment);
        notifyAll();
    }

    synchronized void enrolSomebodyElseAs(AgentName name) {
        secrets.put(name.value(), "somebody else's secret");
    }

    synchronized void stop(AssignmentId assignment) {
        stopped.add(assignment);
    }

    /** The next calls fail with 503. */
    synchronized void failNext(int calls) {
        failures = calls;
    }

    Outcome outcome(String agent, AssignmentId assignment) throws InterruptedException {
        return await(agent + "/" + assignment, outcomes);
    }

    /** What an agent said of its progress, once something of it is as wanted. */
    synchronized void awaitProgress(
            String agent, AssignmentId assignment, Predicate<Progress> wanted)
            throws InterruptedException {
        while (progress.getOrDefault(agent + "/" + assignment, List.of()).stream()
                .noneMatch(wanted)) {
            waitOrFail();
        }
    }

    synchronized byte[] update(Assignment assignment, String agent) {
        return updates.get(assignment.round() + "/" + agent);
    }

    synchronized long blobBytes() {
        return blobBytes;
    }

    /** Every body that agents sent as JSON. */
    synchronized String everythingSaid() {
        return String.join("\n", said);
    }

    private synchronized <T> T await(String key, Map<String, T> in) throws InterruptedException {
        while (!in.containsKey(key)) {
            waitOrFail();
        }
        return in.get(key);
    }

    private void waitOrFail() throws InterruptedException {
        long before = System.nanoTime();
        wait(60_000);
        if (System.nanoTime() - before > 59_000_000_000L) {
            throw new AssertionError("nothing happened for a minute; said so far: " + said);
        }
    }

    private void answer(HttpExchange http) throws IOException {
        try (http) {
            byte[] body = http.getRequestBody().readAllBytes();
            String path = http.getRequestURI().getPath();
            try {
                if (path.startsWith("/api/v1/blobs/")) {
                    sendBlob(http, path.substring("/api/v1/blobs/".length()));
                } else {
                    route(http, path, body);
                }
            } catch (Refusal refusal) {
                send(http, refusal.problem.status(), refusal.problem);
            } catch (InterruptedException end) {
                send(http, 503, Map.of());
            }
        }
    }

    private synchronized void route(HttpExchange http, String path, byte[] body)
            throws IOException, InterruptedException {
        if (failures > 0) {
            failures--;
            send(http, 503, Map.of());
            return;
        }
        String[] step = path.substring("/api/v1/".length()).split("/");
        String call = http.getRequestMethod() + " " + step[0] + " " + step.length;
        switch (call) {
            case "GET models 4" -> send(http, 200, manifest(path));
            case "PUT agents 2" -> enrol(http, step[1], read(body, Enrolment.class));
            case "POST agents 3" -> poll(http, step[1], read(body, Poll.class));
            case "PUT agents 5" -> tell(http, step[1], step[3], step[4], body);
            case "PUT rounds 4" -> handIn(http, step[1] + "/" + step[3], body);
            default -> throw new Refusal(ProblemType.NOT_FOUND);
        }
        notifyAll();
    }

    private VersionManifest manifest(String path) throws Refusal {
        VersionManifest manifest = manifests.get(path);
        if (manifest == null) {
            throw new Refusal(ProblemType.NOT_FOUND);
        }
        return manifest;
    }

    private void enrol(HttpExchange http, String agent, Enrolment enrolment) throws IOException {
        String held = secrets.putIfAbsent(agent, enrolment.secret());
        if (held != null && !held.equals(enrolment.secret())) {
            throw new Refusal(ProblemType.AGENT_NAME_TAKEN);
        }
        send(http, 200, Map.of("name", agent, "aFieldOfTomorrow", 1));
    }

    private void poll(HttpExchange http, String agent, Poll poll)
            throws IOException, InterruptedException {
        authenticate(http, agent);
        if (poll.capabilities().roles().isEmpty()) {
            throw new Refusal(ProblemType.INVALID_VALUE);
        }
        Deque<Assignment> queue = work.computeIfAbsent(agent, none -> new ArrayDeque<>());
        if (queue.isEmpty()) {
            wait(300);
        }
        if (queue.isEmpty()) {
            http.getResponseHeaders().add("Retry-After", "0");
            http.sendResponseHeaders(204, -1);
        } else {
            send(http, 200, queue.peek());
        }
    }

    private void tell(HttpExchange http, String agent, String id, String what, byte[] body)
            throws IOException {
        authenticate(http, agent);
        AssignmentId assignment = AssignmentId.parse(id);
        if (what.equals("progress")) {
            progress.computeIfAbsent(agent + "/" + id, none -> new ArrayList<>())
                    .add(read(body, Progress.class));
            boolean over = stopped.contains(assignment);
            send(
                    http,
                    200,
                    new Directive(
                            over ? Directive.Action.STOP : Directive.Action.CONTINUE,
                            over ? "the round is over" : null));
            if (over) {
                work.get(agent).removeIf(held -> held.id().equals(assignment));
            }
            return;
        }
        outcomes.put(agent + "/" + id, read(body, Outcome.class));
        work.get(agent).removeIf(held -> held.id().equals(assignment));
        http.sendResponseHeaders(204, -1);
    }

    private void handIn(HttpExchange http, String key, byte[] body) throws IOException {
        Digest digest = Digest.of(body);
        String expected =
                "sha-256=:"
                        + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(digest.hex()))
                        + ":";
        if (!header(http, "Repr-Digest").equals(expected)) {
            throw new Refusal(ProblemType.DIGEST_MISMATCH);
        }
        if (!header(http, "Authorization").equals("Bearer " + TinyFederation.TOKEN)) {
            throw new Refusal(ProblemType.UNAUTHENTICATED);
        }
        byte[] held = updates.putIfAbsent(key, body);
        if (held != null && !Digest.of(held).equals(digest)) {
            throw new Refusal(ProblemType.UPDATE_CONTRADICTS);
        }
        send(http, 200, Map.of("digest", digest, "repeated", held != null));
    }

    private void authenticate(HttpExchange http, String agent) {
        if (!header(http, "Authorization").equals("Bearer " + secrets.get(agent))) {
            throw new Refusal(ProblemType.UNAUTHENTICATED);
        }
    }

    private static String header(HttpExchange http, String name) {
        return String.valueOf(http.getRequestHeaders().getFirst(name));
    }

    private void sendBlob(HttpExchange http, String digest) throws IOException {
        Path blob;
        synchronized (this) {
            blob = blobs.get(digest);
        }
        byte[] bytes = Files.readAllBytes(blob);
        String range = http.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        http.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
        http.getResponseBody().write(bytes, from, bytes.length - from);
        synchronized (this) {
            blobBytes += bytes.length - from;
        }
    }

    private <T> T read(byte[] body, Class<T> type) {
        said.add(new String(body, StandardCharsets.UTF_8));
        return JSON.readValue(body, type);
    }

    private static void send(HttpExchange http, int status, Object body) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        http.getResponseHeaders().add("Content-Type", "application/json");
        http.sendResponseHeaders(status, bytes.length);
        http.getResponseBody().write(bytes);
    }

    private static String path(VersionRef ref) {
        return "/api/v1/models/%s/versions/%d".formatted(ref.model(), ref.number());
    }

    private static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1;

        private final transient Problem problem;

        Refusal(ProblemType type) {
            this.problem =
                    new Problem(
                            type.uri(),
                            type.title(),
                            type.status(),
                            "refused by the fake",
                            type.worthRetrying(),
                            null);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
