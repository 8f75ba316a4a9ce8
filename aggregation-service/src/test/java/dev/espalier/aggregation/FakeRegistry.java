package dev.espalier.aggregation;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.tensors.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model registry in memory that speaks the wire of docs/protocol.md as far as this service
 * listens. It can be told to be unwell.
 */
public final class FakeRegistry implements AutoCloseable {

    private final JsonMapper json = JsonMapper.shared();
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<VersionRef, VersionManifest> versions = new ConcurrentHashMap<>();
    private final Map<String, PublishVersion> requests = new ConcurrentHashMap<>();
    private final Map<String, VersionManifest> byKey = new ConcurrentHashMap<>();
    private final AtomicInteger publications = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
    private final HttpServer server;
    private volatile boolean unwell;
    private volatile @Nullable ModelName refusing;

    public FakeRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/api/v1/blobs/", exchange -> answer(exchange, this::blob));
        server.createContext("/api/v1/models/", exchange -> answer(exchange, this::model));
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** While unwell, every call is answered with 503. */
    public void unwell(boolean unwell) {
        this.unwell = unwell;
    }

    /** Publications to this one model are answered with 503; null: to none. */
    public void refusing(@Nullable ModelName model) {
        this.refusing = model;
    }

    /** So many more new versions are taken; those after them are answered with 503. */
    public void taking(int versions) {
        left.set(versions);
    }

    /** How many versions were asked for that did not exist before. */
    public int publications() {
        return publications.get();
    }

    public byte[] bytes(VersionRef version, String path) {
        return blobs.get(versions.get(version).file(path).orElseThrow().digest());
    }

    public VersionManifest version(VersionRef version) {
        return versions.get(version);
    }

    /** The base of {@link TinyModel} and a parent adapter, as if published before. */
    public void holdTinyModel(Path folder) throws IOException {
        Path base = TinyModel.base(folder.resolve("model.safetensors"), "", DType.F32);
        Path config =
                Files.writeString(
                        folder.resolve("config.json"),
                        "{\"architectures\":[\"TinyModel\"],\"model_type\":\"tiny\"}");
        Path tokenizer = Files.writeString(folder.resolve("tokenizer.json"), "{}");
        hold(
                TinyModel.BASE,
                new PublishVersion(
                        "base",
                        VersionKind.BASE,
                        List.of(file(base), file(config), file(tokenizer)),
                        null,
                        null,
                        TinyModel.structure()));
        Path adapter = TinyModel.adapter(folder.resolve("adapter_model.safetensors"), 1);
        hold(
                TinyModel.PARENT,
                new PublishVersion(
                        "parent",
                        VersionKind.ADAPTER,
                        List.of(file(adapter)),
                        TinyModel.BASE,
                        null,
                        null));
    }

    /** A version as if published before. */
    public void hold(
            VersionRef ref,
            VersionKind kind,
            @Nullable VersionRef base,
            @Nullable ModelStructure structure,
            Path... files)
            throws IOException {
        List<VersionFile> held = new ArrayList<>();
        for (Path file : files) {
            held.add(file(file));
        }
        hold(ref, new PublishVersion("held", kind, held, base, null, structure));
    }

    private VersionFile file(Path path) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        Digest digest = Digest.of(bytes);
        blobs.put(digest, bytes);
        return new VersionFile(path.getFileName().toString(), digest, bytes.length);
    }

    private VersionManifest hold(VersionRef ref, PublishVersion request) {
        VersionManifest manifest =
                new VersionManifest(
                        ref.model(),
                        ref.number(),
                        request.kind(),
                        VersionManifest.digestOf(request.files()),
                        request.files(),
                        request.base(),
                        request.lineage(),
                        request.structure(),
                        Instant.EPOCH);
        versions.put(ref, manifest);
        return manifest;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    @FunctionalInterface
    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private void answer(HttpExchange exchange, Handler handler) throws IOException {
        try (exchange) {
            if (unwell) {
                exchange.getRequestBody().readAllBytes();
                send(exchange, 503, new byte[0]);
                return;
            }
            handler.handle(exchange);
        } catch (RuntimeException e) {
            throw new UncheckedIOException(new IOException("the fake is broken", e));
        }
    }

    private void blob(HttpExchange exchange) throws IOException {
        Digest digest = new Digest(last(exchange));
        byte[] held = blobs.get(digest);
        switch (exchange.getRequestMethod()) {
            case "GET" -> send(exchange, held == null ? 404 : 200, held);
            case "PUT" -> {
                byte[] bytes = exchange.getRequestBody().readAllBytes();
                boolean right = Digest.of(bytes).equals(digest);
                if (right) {
                    blobs.put(digest, bytes);
                }
                send(exchange, right ? held == null ? 201 : 200 : 422, new byte[0]);
            }
            default -> {
                exchange.sendResponseHeaders(held == null ? 404 : 200, -1);
            }
        }
    }

    private void model(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/"); // "", api, v1, models, name
        ModelName model = new ModelName(path[4]);
        if (exchange.getRequestMethod().equals("POST")) {
            if (model.equals(refusing)) {
                exchange.getRequestBody().readAllBytes();
                send(exchange, 503, new byte[0]);
                return;
            }
            publish(exchange, model);
            return;
        }
        VersionManifest manifest =
                versions.get(new VersionRef(model, Integer.parseInt(path[path.length - 1])));
        send(
                exchange,
                manifest == null ? 404 : 200,
                manifest == null ? null : json.writeValueAsBytes(manifest));
    }

    private synchronized void publish(HttpExchange exchange, ModelName model) throws IOException {
        PublishVersion request =
                json.readValue(exchange.getRequestBody().readAllBytes(), PublishVersion.class);
        PublishVersion before = requests.putIfAbsent(model + " " + request.key(), request);
        if (before != null && !before.equals(request)) {
            problem(exchange, ProblemType.CONTRADICTS_EARLIER_REQUEST);
            return;
        }
        if (before == null && left.getAndDecrement() <= 0) {
            requests.remove(model + " " + request.key());
            send(exchange, 503, new byte[0]);
            return;
        }
        if (before == null
                && !request.files().stream().allMatch(f -> blobs.containsKey(f.digest()))) {
            requests.remove(model + " " + request.key());
            problem(exchange, ProblemType.BLOB_MISSING);
            return;
        }
        VersionManifest manifest =
                byKey.computeIfAbsent(
                        model + " " + request.key(), key -> hold(next(model), request));
        send(exchange, before == null ? 201 : 200, json.writeValueAsBytes(manifest));
    }

    private VersionRef next(ModelName model) {
        publications.incrementAndGet();
        List<VersionRef> held = new ArrayList<>(versions.keySet());
        held.removeIf(ref -> !ref.model().equals(model));
        return new VersionRef(model, held.size() + 1);
    }

    private void problem(HttpExchange exchange, ProblemType type) throws IOException {
        send(
                exchange,
                type.status(),
                json.writeValueAsBytes(
                        Map.of(
                                "type", type.uri().toString(),
                                "title", type.title(),
                                "status", type.status(),
                                "detail", "said by the fake",
                                "worthRetrying", type.worthRetrying())));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        byte[] bytes = body == null ? new byte[0] : body;
        exchange.getResponseHeaders()
                .set(
                        "Content-Type",
                        status < 400 ? "application/json" : "application/problem+json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String last(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
