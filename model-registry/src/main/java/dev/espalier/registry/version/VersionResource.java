package dev.espalier.registry.version;

import static dev.espalier.protocol.problem.ProblemType.BLOB_MISSING;
import static dev.espalier.protocol.problem.ProblemType.CONTRADICTS_EARLIER_REQUEST;
import static dev.espalier.protocol.problem.ProblemType.INVALID_VALUE;
import static dev.espalier.protocol.problem.ProblemType.MALFORMED_REQUEST;
import static dev.espalier.protocol.problem.ProblemType.NOT_FOUND;
import static dev.espalier.protocol.problem.ProblemType.UNKNOWN_FIELD;
import static dev.espalier.protocol.problem.ProblemType.UNSUPPORTED_MEDIA_TYPE;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.net.URI;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Versions over HTTP. */
@RestController
@RequestMapping("/api/v1/models/{model}/versions")
@Tag(name = "Versions", description = "Published once, never changed")
class VersionResource {

    private static final Logger log = LoggerFactory.getLogger(VersionResource.class);

    private final Versions versions;
    private final Shelf shelf;
    private final MeterRegistry meters;

    VersionResource(Versions versions, Shelf shelf, MeterRegistry meters) {
        this.versions = versions;
        this.shelf = shelf;
        this.meters = meters;
    }

    @PostMapping
    @Operation(
            summary = "Publish the next version",
            description =
                    "Upload the blobs first. The version gets the next number and latest moves to"
                            + " it; the model is created when it is new. The same key with the same"
                            + " content gives the same version again.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            examples = {
                                @ExampleObject(name = "an adapter", value = Examples.ADAPTER),
                                @ExampleObject(name = "a base", value = Examples.BASE)
                            }))
    @ApiResponse(
            responseCode = "201",
            description = "Published",
            content = @Content(examples = @ExampleObject(Examples.MANIFEST)))
    @ApiResponse(
            responseCode = "200",
            description = "Published before, under this key",
            content = @Content(examples = @ExampleObject(Examples.MANIFEST)))
    @Refuses({
        MALFORMED_REQUEST,
        UNKNOWN_FIELD,
        INVALID_VALUE,
        BLOB_MISSING,
        CONTRADICTS_EARLIER_REQUEST,
        UNSUPPORTED_MEDIA_TYPE
    })
    ResponseEntity<VersionManifest> publish(
            @PathVariable ModelName model, @Valid @RequestBody PublishVersion request) {
        return switch (versions.publish(model, request)) {
            case Publication.Published published -> announced(published.version(), request.key());
            case Publication.AlreadyPublished already -> ResponseEntity.ok(already.version());
            case Publication.Contradicts first ->
                    throw new ProblemException(
                            CONTRADICTS_EARLIER_REQUEST,
                            "%s was published under this key with other content"
                                    .formatted(first.version().ref()));
            case Publication.BlobsMissing blobs -> throw refusal(BLOB_MISSING, blobs.missing());
            case Publication.Unfit unfit -> throw refusal(INVALID_VALUE, unfit.faults());
        };
    }

    @GetMapping
    @Operation(
            summary = "List the versions of a model",
            description = "All of them, in order of number.")
    @ApiResponse(
            responseCode = "200",
            description = "The versions",
            content = @Content(examples = @ExampleObject("[" + Examples.MANIFEST + "]")))
    @Refuses({INVALID_VALUE, NOT_FOUND})
    List<VersionManifest> list(@PathVariable ModelName model) {
        return versions.all(shelf.model(model).name());
    }

    @GetMapping("/{version}")
    @Operation(summary = "Show a version", description = "Its files, lineage and structure.")
    @ApiResponse(
            responseCode = "200",
            description = "The version",
            content = @Content(examples = @ExampleObject(Examples.MANIFEST)))
    @Refuses({INVALID_VALUE, NOT_FOUND})
    VersionManifest show(
            @PathVariable ModelName model,
            @Parameter(description = "a number or an alias", example = "latest") @PathVariable
                    String version) {
        return shelf.version(model, version);
    }

    private ResponseEntity<VersionManifest> announced(VersionManifest version, String key) {
        meters.counter("espalier.registry.versions.published", "kind", version.kind().name())
                .increment();
        log.info(
                "version published version={} kind={} files={} bytes={} key={}",
                version.ref(),
                version.kind(),
                version.files().size(),
                version.bytes(),
                key);
        URI location =
                URI.create(
                        "/api/v1/models/%s/versions/%d"
                                .formatted(version.model(), version.number()));
        return ResponseEntity.created(location).body(version);
    }

    private static ProblemException refusal(ProblemType type, List<Problem.Field> fields) {
        String more = fields.size() == 1 ? "" : " (and %d more)".formatted(fields.size() - 1);
        return new ProblemException(
                type, fields.getFirst().field() + ": " + fields.getFirst().reason() + more, fields);
    }
}
