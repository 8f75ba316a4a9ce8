package dev.espalier.registry.blob;

import static dev.espalier.protocol.problem.ProblemType.INVALID_VALUE;
import static dev.espalier.protocol.problem.ProblemType.NOT_FOUND;
import static dev.espalier.protocol.problem.ProblemType.RANGE_NOT_SATISFIABLE;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.Digest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** Shows and gives out blobs over HTTP. */
@RestController
@RequestMapping("/api/v1/blobs/{digest}")
@Tag(name = "Blobs", description = "Files under the name of their own SHA-256")
class BlobResource {

    private static final String COMPLETE = "Upload-Complete";
    private static final String OFFSET = "Upload-Offset";
    private static final String BYTES = MediaType.APPLICATION_OCTET_STREAM_VALUE;
    private static final CacheControl FOR_EVER =
            CacheControl.maxAge(Duration.ofDays(365)).immutable();

    private final Blobs blobs;
    private final BlobSender sender;

    BlobResource(Blobs blobs, BlobSender sender) {
        this.blobs = blobs;
        this.sender = sender;
    }

    @RequestMapping(method = RequestMethod.HEAD)
    @Operation(
            summary = "How much of a blob is there",
            description = "Before an upload: whether it is needed, and where to go on.")
    @ApiResponse(
            responseCode = "200",
            description = "All of it",
            headers = @Header(name = COMPLETE, description = "?1"),
            content = @Content)
    @ApiResponse(
            responseCode = "204",
            description = "A part of it",
            headers = {
                @Header(name = COMPLETE, description = "?0"),
                @Header(name = OFFSET, description = "where the next piece begins")
            },
            content = @Content)
    @Refuses({INVALID_VALUE, NOT_FOUND})
    ResponseEntity<Void> head(@PathVariable Digest digest) throws IOException {
        OptionalLong size = blobs.size(digest);
        if (size.isPresent()) {
            return ResponseEntity.ok()
                    .header(COMPLETE, "?1")
                    .contentLength(size.getAsLong())
                    .contentType(MediaType.APPLICATION_OCTET_STREAM)
                    .eTag("\"" + digest + "\"")
                    .header(HttpHeaders.ACCEPT_RANGES, "bytes")
                    .build();
        }
        long offset = blobs.offset(digest);
        if (offset == 0) {
            throw missing(digest);
        }
        return ResponseEntity.noContent()
                .header(COMPLETE, "?0")
                .header(OFFSET, Long.toString(offset))
                .build();
    }

    @GetMapping
    @Operation(
            summary = "Download a blob",
            description =
                    "Takes Range (one range), If-Range and If-None-Match. The bytes behind a name"
                            + " never change, so keep them.")
    @ApiResponse(
            responseCode = "200",
            description = "All bytes",
            content =
                    @Content(
                            mediaType = BYTES,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "206",
            description = "The bytes of the range",
            content =
                    @Content(
                            mediaType = BYTES,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(responseCode = "304", description = "You have it", content = @Content)
    @Refuses({INVALID_VALUE, NOT_FOUND, RANGE_NOT_SATISFIABLE})
    void get(
            @PathVariable Digest digest,
            @Parameter(hidden = true) HttpServletRequest request,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        long size = blobs.size(digest).orElseThrow(() -> missing(digest));
        sender.send(
                new BlobSender.Sending(
                        digest, size, MediaType.APPLICATION_OCTET_STREAM, digest.hex(), FOR_EVER),
                request,
                response);
    }

    private static ProblemException missing(Digest digest) {
        return new ProblemException(NOT_FOUND, "there is no blob " + digest);
    }
}
