package dev.espalier.aggregation.neighbour;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.transfer.FileDownload;
import dev.espalier.transfer.FileUpload;
import dev.espalier.transfer.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The model registry as this service needs it.
 *
 * <p>Every method throws {@link ProblemException}: NEIGHBOUR_UNAVAILABLE while the registry cannot
 * be reached or is unwell, which is worth trying again; the registry's own problem where it refused
 * for good.
 */
public class ModelRegistry {

    private static final int MANIFESTS = 1000;

    private final URI url;
    private final RegistryCalls calls;
    private final FileDownload download;
    private final FileUpload upload;
    private final BlobCache cache;
    private final InstantSource clock;
    private final Map<VersionRef, VersionManifest> manifests = new ConcurrentHashMap<>();

    ModelRegistry(
            URI url,
            RegistryCalls calls,
            FileDownload download,
            FileUpload upload,
            BlobCache cache,
            InstantSource clock) {
        this.url = url;
        this.calls = calls;
        this.download = download;
        this.upload = upload;
        this.cache = cache;
        this.clock = clock;
    }

    /** A version's manifest. Versions never change, so each is asked for once. */
    public VersionManifest version(VersionRef ref) {
        VersionManifest known = manifests.get(ref);
        if (known != null) {
            return known;
        }
        VersionManifest manifest = calls.version(ref);
        if (manifests.size() >= MANIFESTS) {
            manifests.clear();
        }
        manifests.put(ref, manifest);
        return manifest;
    }

    /**
     * One file of a version, on this machine, verified. Must not be changed; stays for as long as
     * the cache's age says.
     *
     * @throws ProblemException MODEL_DOES_NOT_FIT if the version has no such file
     */
    public Path file(VersionManifest version, String path) {
        VersionFile file =
                version.file(path)
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemType.MODEL_DOES_NOT_FIT,
                                        version.ref() + " has no file " + path));
        try {
            return cache.get(file.digest(), clock.instant(), target -> fetch(file, target));
        } catch (RefusedException refused) {
            throw RegistryCalls.unavailable(String.valueOf(refused.getMessage()));
        } catch (IOException broken) {
            throw RegistryCalls.unavailable(String.valueOf(broken.getMessage()));
        }
    }

    /**
     * Uploads what is new and publishes. The same again is free.
     *
     * @param files where those files of the version lie that the registry may not have yet
     */
    public VersionManifest publish(
            ModelName model, PublishVersion version, Map<VersionFile, Path> files) {
        files.forEach(this::send);
        return calls.publish(model, version);
    }

    /** Deletes cached files that nobody used for so long, and says how many. */
    int forgetUnused(Duration age) throws IOException {
        Instant limit = clock.instant().minus(age);
        return cache.forgetUnusedSince(limit);
    }

    private void fetch(VersionFile file, Path target) throws IOException {
        try {
            download.fetch(blob(file.digest()), file.digest(), file.size(), target);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void send(VersionFile file, Path path) {
        try {
            HttpResponse<byte[]> answer = upload.send(path, blob(file.digest()), Map.of());
            if (answer.statusCode() >= 300) {
                throw new ProblemException(
                        ProblemType.CONTRADICTS_EARLIER_REQUEST,
                        "The model registry refused %s with status %d"
                                .formatted(file.path(), answer.statusCode()));
            }
        } catch (IOException broken) {
            throw RegistryCalls.unavailable(String.valueOf(broken.getMessage()));
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private URI blob(Digest digest) {
        return url.resolve("/api/v1/blobs/" + digest);
    }

    private static ProblemException interrupted() {
        Thread.currentThread().interrupt();
        return RegistryCalls.unavailable("this service is stopping");
    }
}
