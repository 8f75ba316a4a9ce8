package dev.espalier.registry.version;

import static dev.espalier.protocol.problem.ProblemType.INVALID_VALUE;
import static dev.espalier.protocol.problem.ProblemType.NOT_FOUND;
import static dev.espalier.protocol.problem.ProblemType.RANGE_NOT_SATISFIABLE;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.registry.blob.BlobSender;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The files of versions under their own names, so that a version can be fetched as a folder. */
@RestController
@RequestMapping("/api/v1/models/{model}/versions/{version}/files")
@Tag(name = "Versions")
class FileResource {

    /** What an alias names today it may not name tomorrow: the cache must ask, by ETag. */
    private static final CacheControl ASK_AGAIN = CacheControl.noCache();

    private static final CacheControl FOR_EVER =
            CacheControl.maxAge(Duration.ofDays(365)).immutable();

    private static final MediaType TEXT = new MediaType("text", "plain", StandardCharsets.UTF_8);
    private static final Map<String, MediaType> TYPES =
            Map.of("json", MediaType.APPLICATION_JSON, "txt", TEXT, "md", TEXT);

    private final Shelf shelf;
    private final BlobSender sender;

    FileResource(Shelf shelf, BlobSender sender) {
        this.shelf = shelf;
        this.sender = sender;
    }

    @GetMapping("/{*path}")
    @Operation(
            summary = "Download a file of a version",
            description =
                    "Takes Range (one range), If-Range and If-None-Match. Under a version's number"
                            + " the bytes never change; under an alias they change with it.")
    @ApiResponse(
            responseCode = "200",
            description = "All bytes",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "206",
            description = "The bytes of the range",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(responseCode = "304", description = "You have it", content = @Content)
    @Refuses({INVALID_VALUE, NOT_FOUND, RANGE_NOT_SATISFIABLE})
    void get(
            @PathVariable ModelName model,
            @Parameter(description = "a number or an alias", example = "latest") @PathVariable
                    String version,
            @Parameter(description = "as the manifest spells it", example = "config.json")
                    @PathVariable
                    String path,
            @Parameter(hidden = true) HttpServletRequest request,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        VersionManifest manifest = shelf.version(model, version);
        VersionFile file = file(manifest, path.substring(1)); // Spring keeps the leading slash
        boolean byNumber = version.equals(Integer.toString(manifest.number()));
        if (!byNumber) {
            response.setHeader(HttpHeaders.CONTENT_LOCATION, location(manifest, file));
        }
        sender.send(
                new BlobSender.Sending(
                        file.digest(),
                        file.size(),
                        type(file.path()),
                        lastName(file.path()),
                        byNumber ? FOR_EVER : ASK_AGAIN),
                request,
                response);
    }

    /** Looked up in the manifest, never on a disk, so no path can lead out of the version. */
    private static VersionFile file(VersionManifest manifest, String path) {
        return manifest.file(path)
                .orElseThrow(() ->
                        new ProblemException(
                                NOT_FOUND,
                                "%s has no such file; its manifest lists them"
                                        .formatted(manifest.ref())));
    }

    private static String location(VersionManifest manifest, VersionFile file) {
        return "/api/v1/models/%s/versions/%d/files/%s"
                .formatted(manifest.model(), manifest.number(), file.path());
    }

    private static MediaType type(String path) {
        return TYPES.getOrDefault(
                path.substring(path.lastIndexOf('.') + 1), MediaType.APPLICATION_OCTET_STREAM);
    }

    private static String lastName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
