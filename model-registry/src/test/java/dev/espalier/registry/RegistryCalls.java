package dev.espalier.registry;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/** The registry as a stranger calls it: plain HTTP and text. */
final class RegistryCalls {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String root;

    RegistryCalls(int port) {
        this.root = "http://127.0.0.1:" + port;
    }

    record Answer(HttpResponse<byte[]> response) {

        int status() {
            return response.statusCode();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        byte[] bytes() {
            return response.body();
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        <T> T as(Class<T> type) {
            return JSON.readValue(bytes(), type);
        }

        Problem problem() {
            return as(Problem.class);
        }
    }

    URI uri(String path) {
        return URI.create(root + path);
    }

    Answer get(String path, String... headers) {
        return send("GET", path, BodyPublishers.noBody(), headers);
    }

    Answer head(String path) {
        return send("HEAD", path, BodyPublishers.noBody());
    }

    Answer post(String path, String json) {
        return send(
                "POST", path, BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    Answer put(String path, String json) {
        return send("PUT", path, BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    Answer upload(Digest digest, byte[] bytes) {
        return send("PUT", blob(digest), BodyPublishers.ofByteArray(bytes), "Content-Type", BYTES);
    }

    Digest uploaded(byte[] bytes) {
        Digest digest = Digest.of(bytes);
        upload(digest, bytes);
        return digest;
    }

    Answer piece(Digest digest, long offset, long total, byte[] bytes) {
        return send(
                "PATCH",
                blob(digest),
                BodyPublishers.ofByteArray(bytes),
                "Content-Type",
                BYTES,
                "Upload-Offset",
                Long.toString(offset),
                "Upload-Length",
                Long.toString(total));
    }

    VersionManifest published(String model, String json) {
        return post("/api/v1/models/" + model + "/versions", json).as(VersionManifest.class);
    }

    Answer send(String method, String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return new Answer(HTTP.send(request.build(), BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static final String BYTES = "application/octet-stream";

    static String blob(Digest digest) {
        return "/api/v1/blobs/" + digest;
    }
}
