package dev.espalier.registry.blob;

import static dev.espalier.protocol.problem.ProblemType.DIGEST_MISMATCH;
import static dev.espalier.protocol.problem.ProblemType.INCOMPLETE_BODY;
import static dev.espalier.protocol.problem.ProblemType.INVALID_VALUE;
import static dev.espalier.protocol.problem.ProblemType.LENGTH_REQUIRED;
import static dev.espalier.protocol.problem.ProblemType.MALFORMED_REQUEST;
import static dev.espalier.protocol.problem.ProblemType.OFFSET_MISMATCH;
import static dev.espalier.protocol.problem.ProblemType.TOO_LARGE;
import static dev.espalier.protocol.problem.ProblemType.UNSUPPORTED_MEDIA_TYPE;

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
import jakarta.validation.constraints.PositiveOrZero;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Takes blobs in over HTTP, as docs/protocol.md says for large bodies. */
@RestController
@RequestMapping("/api/v1/blobs/{digest}")
@Tag(name = "Blobs")
class UploadResource {

    private static final String OFFSET = "Upload-Offset";
    private static final String LENGTH = "Upload-Length";
    private static final String BYTES = MediaType.APPLICATION_OCTET_STREAM_VALUE;

    private final Blobs blobs;

    UploadResource(Blobs blobs) {
        this.blobs = blobs;
    }

    @PutMapping(consumes = BYTES)
    @Operation(
            summary = "Upload a whole blob",
            description =
                    "Takes all bytes in one request, with Content-Length. What came before the"
                            + " connection broke is kept: HEAD says how much, PATCH goes on.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = BYTES,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(responseCode = "201", description = "New, checked and kept", content = @Content)
    @ApiResponse(responseCode = "200", description = "Held already", content = @Content)
    @Refuses({
        INVALID_VALUE,
        LENGTH_REQUIRED,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INCOMPLETE_BODY,
        DIGEST_MISMATCH,
        OFFSET_MISMATCH
    })
    ResponseEntity<Void> put(
            @PathVariable Digest digest, @Parameter(hidden = true) HttpServletRequest request)
            throws IOException {
        return answer(blobs.takeWhole(digest, request.getInputStream(), length(request)));
    }

    @PatchMapping(consumes = BYTES)
    @Operation(
            summary = "Upload the next piece of a blob",
            description =
                    "Pieces come in order. HEAD says where the next one begins; the last one makes"
                            + " the blob whole and has it checked.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = BYTES,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "204",
            description = "Kept; more is missing",
            headers = @Header(name = OFFSET, description = "where the next piece begins"),
            content = @Content)
    @ApiResponse(responseCode = "201", description = "New, checked and kept", content = @Content)
    @ApiResponse(responseCode = "200", description = "Held already", content = @Content)
    @Refuses({
        MALFORMED_REQUEST,
        INVALID_VALUE,
        LENGTH_REQUIRED,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INCOMPLETE_BODY,
        DIGEST_MISMATCH,
        OFFSET_MISMATCH
    })
    ResponseEntity<Void> patch(
            @PathVariable Digest digest,
            @Parameter(description = "where this piece begins, in bytes", example = "0")
                    @RequestHeader(OFFSET)
                    @PositiveOrZero
                    long offset,
            @Parameter(description = "bytes of the whole blob", example = "90868376")
                    @RequestHeader(LENGTH)
                    @PositiveOrZero
                    long total,
            @Parameter(hidden = true) HttpServletRequest request)
            throws IOException {
        Blobs.Piece piece = new Blobs.Piece(offset, length(request), total);
        return answer(blobs.takePiece(digest, piece, request.getInputStream()));
    }

    private static long length(HttpServletRequest request) {
        long length = request.getContentLengthLong();
        if (length < 0) {
            throw new ProblemException(LENGTH_REQUIRED, "send Content-Length, not a chunked body");
        }
        return length;
    }

    private static ResponseEntity<Void> answer(Intake intake) {
        return switch (intake) {
            case Intake.Stored _ -> ResponseEntity.status(HttpStatus.CREATED).build();
            case Intake.AlreadyHeld _ -> ResponseEntity.ok().build();
            case Intake.Unfinished unfinished ->
                    ResponseEntity.noContent()
                            .header(OFFSET, Long.toString(unfinished.offset()))
                            .build();
            case Intake.Elsewhere elsewhere ->
                    throw new ProblemException(
                                    OFFSET_MISMATCH,
                                    "%d bytes are there; ask with HEAD where to go on"
                                            .formatted(elsewhere.offset()))
                            .withHeader(OFFSET, Long.toString(elsewhere.offset()));
            case Intake.BrokenOff broken ->
                    throw new ProblemException(
                            INCOMPLETE_BODY,
                            broken.reason() + "; what came is kept, ask with HEAD where to go on");
            case Intake.OtherBytes other ->
                    throw new ProblemException(
                            DIGEST_MISMATCH,
                            "the bytes have the digest %s; they were dropped, send all of them again"
                                    .formatted(other.found()));
            case Intake.TooLarge large ->
                    throw new ProblemException(
                            TOO_LARGE,
                            "at most %d bytes are taken here".formatted(large.allowed()));
        };
    }
}
