package dev.espalier.local.platform;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelView;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.transfer.FileDownload;
import dev.espalier.transfer.FileUpload;
import dev.espalier.transfer.Retries;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The model registry (docs/protocol.md): folders go in as versions and come out as folders. */
public final class Registry {

    private final JsonCalls calls;
    private final FileUpload upload;
    private final FileDownload download;

    public Registry(HttpClient http, URI service, Sleeper sleeper) {
        this.calls = new JsonCalls(http, service);
        this.upload = new FileUpload(http, Retries.patient(), sleeper);
        this.download = new FileDownload(http, Retries.patient(), sleeper);
    }

    /** Publishes a Hugging Face folder as a base model. The same content is the same version. */
    public VersionManifest publishBase(ModelName model, Path folder, ModelStructure structure)
            throws IOException, InterruptedException {
        models(); // a registry that is not there is told at once, not after all retries of a file
        List<VersionFile> files = new ArrayList<>();
        for (Path file : plainFiles(folder)) {
            VersionFile entry =
                    new VersionFile(file.getFileName().toString(), digest(file), Files.size(file));
            send(file, entry.digest());
            files.add(entry);
        }
        String key = "import-" + VersionManifest.digestOf(files).hex();
        PublishVersion version =
                new PublishVersion(key, VersionKind.BASE, files, null, null, structure);
        return calls.send(
                "POST",
                "/api/v1/models/" + model + "/versions",
                version,
                Map.of(),
                VersionManifest.class);
    }

    public List<ModelView> models() throws IOException, InterruptedException {
        return calls.get("/api/v1/models", JsonCalls.listOf(ModelView.class));
    }

    public VersionManifest version(VersionRef version) throws IOException, InterruptedException {
        return calls.get(
                "/api/v1/models/" + version.model() + "/versions/" + version.number(),
                VersionManifest.class);
    }

    /** Brings all files of a version into a folder, each checked against its digest. */
    public VersionManifest fetch(VersionRef version, Path folder)
            throws IOException, InterruptedException {
        VersionManifest manifest = version(version);
        for (VersionFile file : manifest.files()) {
            Path target = folder.resolve(file.path());
            Files.createDirectories(target.toAbsolutePath().getParent());
            download.fetch(
                    calls.uri("/api/v1/blobs/" + file.digest()),
                    file.digest(),
                    file.size(),
                    target);
        }
        return manifest;
    }

    private void send(Path file, Digest digest) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer =
                upload.send(file, calls.uri("/api/v1/blobs/" + digest), Map.of());
        if (answer.statusCode() >= 300) {
            throw JsonCalls.refused(answer);
        }
    }

    private static List<Path> plainFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().matches(VersionFile.PATH))
                    .sorted()
                    .toList();
        }
    }

    private static Digest digest(Path file) throws IOException {
        MessageDigest running = Digest.sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), running)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Digest.finish(running);
    }
}
