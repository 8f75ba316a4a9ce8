package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.Seat;
import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.UpdateReceipt;
import dev.espalier.transfer.Digests;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** Updates over HTTP. The bodies are long, so they are read as streams. */
@RestController
@RequestMapping("/api/v1/rounds/{round}/updates/{agent}")
@Tag(name = "updates", description = "What agents hand in")
class UpdateResource {

    private static final String OFFSET = "Upload-Offset";
    private static final String LENGTH = "Upload-Length";
    private static final String COMPLETE = "Upload-Complete";
    private static final String RECEIPT_EXAMPLE =
            """
            {"digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "repeated": false}\
            """;
    private static final String TOKEN = "Bearer 3q2-7wQ2vN0";
    private static final String DIGEST = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";

    private final UpdateDesk desk;

    UpdateResource(UpdateDesk desk) {
        this.desk = desk;
    }

    @Operation(
            summary = "Ask how much of an update is there",
            description =
                    "200 with Upload-Complete: ?1 once the update counts; 204 with Upload-Complete:"
                            + " ?0 and Upload-Offset while it is being sent.")
    @ApiResponse(responseCode = "200", description = "The update counts")
    @ApiResponse(responseCode = "204", description = "Upload-Offset says how much is there")
    @Refuses({ProblemType.NOT_FOUND, ProblemType.UNAUTHENTICATED, ProblemType.NOT_IN_COHORT})
    @RequestMapping(method = RequestMethod.HEAD)
    ResponseEntity<Void> progress(
            @PathVariable RoundId round,
            @PathVariable AgentName agent,
            @Parameter(example = TOKEN) @RequestHeader(HttpHeaders.AUTHORIZATION)
                    Optional<String> authorization,
            @Parameter(example = DIGEST) @RequestHeader(Digests.HEADER) Optional<String> digest)
            throws IOException {
        UpdateDesk.Caller caller = desk.admit(round, agent, authorization.orElse(null));
        Optional<Digest> asked = digest.flatMap(Digests::parse);
        Optional<Seat.Taken> held = desk.held(caller);
        if (held.isPresent() && asked.map(held.get().digest()::equals).orElse(true)) {
            return ResponseEntity.ok()
                    .header(COMPLETE, "?1")
                    .contentLength(held.get().figures().wireBytesUp())
                    .build();
        }
        Optional<Long> begun =
                asked.isPresent() ? desk.begun(caller, asked.get()) : Optional.empty();
        return begun.isPresent() ? more(begun.get()) : ResponseEntity.notFound().build();
    }

    @Operation(
            summary = "Hand in an update as one body",
            description =
                    "A safetensors file with its manifest in the metadata (docs/protocol.md). It"
                            + " counts once it has been checked completely and is stored. The same"
                            + " bytes again are free; a refused update may be followed by a"
                            + " corrected one while the round is open.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "201",
            description = "The update counts",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = UpdateReceipt.class),
                            examples = @ExampleObject(RECEIPT_EXAMPLE)))
    @ApiResponse(responseCode = "200", description = "The same bytes counted already")
    @Refuses({
        ProblemType.MALFORMED_REQUEST,
        ProblemType.INCOMPLETE_BODY,
        ProblemType.UNAUTHENTICATED,
        ProblemType.NOT_IN_COHORT,
        ProblemType.NOT_FOUND,
        ProblemType.ROUND_CLOSED,
        ProblemType.UPDATE_CONTRADICTS,
        ProblemType.OFFSET_MISMATCH,
        ProblemType.LENGTH_REQUIRED,
        ProblemType.TOO_LARGE,
        ProblemType.DIGEST_MISMATCH,
        ProblemType.UPDATE_MALFORMED,
        ProblemType.UPDATE_DOES_NOT_FIT,
        ProblemType.UPDATE_NOT_FINITE,
        ProblemType.UPDATE_TOO_FAR,
        ProblemType.UPDATE_UNTRAINED,
        ProblemType.NEIGHBOUR_UNAVAILABLE
    })
    @PutMapping(consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    ResponseEntity<UpdateReceipt> whole(
            @PathVariable RoundId round,
            @PathVariable AgentName agent,
            @Parameter(example = TOKEN) @RequestHeader(HttpHeaders.AUTHORIZATION)
                    Optional<String> authorization,
            @Parameter(example = DIGEST) @RequestHeader(Digests.HEADER) Optional<String> digest,
            @Parameter(hidden = true) HttpServletRequest request)
            throws IOException {
        UpdateDesk.Caller caller = desk.admit(round, agent, authorization.orElse(null));
        long length = length(request);
        UpdateDesk.Piece piece =
                new UpdateDesk.Piece(true, 0, length, length, request.getInputStream());
        return answer(desk.handIn(caller, digest(digest), piece));
    }

    @Operation(
            summary = "Hand in the next piece of an update",
            description =
                    "204 with Upload-Offset while pieces are missing; the last one is answered like"
                            + " PUT.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    @Parameter(
            name = OFFSET,
            in = ParameterIn.HEADER,
            required = true,
            description = "where this piece begins",
            example = "33554432")
    @Parameter(
            name = LENGTH,
            in = ParameterIn.HEADER,
            required = true,
            description = "length of the whole update",
            example = "50331648")
    @ApiResponse(
            responseCode = "201",
            description = "The update counts",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = UpdateReceipt.class),
                            examples = @ExampleObject(RECEIPT_EXAMPLE)))
    @ApiResponse(responseCode = "200", description = "The same bytes counted already")
    @ApiResponse(responseCode = "204", description = "Pieces are missing")
    @Refuses({
        ProblemType.MALFORMED_REQUEST,
        ProblemType.INCOMPLETE_BODY,
        ProblemType.UNAUTHENTICATED,
        ProblemType.NOT_IN_COHORT,
        ProblemType.NOT_FOUND,
        ProblemType.ROUND_CLOSED,
        ProblemType.UPDATE_CONTRADICTS,
        ProblemType.OFFSET_MISMATCH,
        ProblemType.LENGTH_REQUIRED,
        ProblemType.TOO_LARGE,
        ProblemType.DIGEST_MISMATCH,
        ProblemType.UPDATE_MALFORMED,
        ProblemType.UPDATE_DOES_NOT_FIT,
        ProblemType.UPDATE_NOT_FINITE,
        ProblemType.UPDATE_TOO_FAR,
        ProblemType.UPDATE_UNTRAINED,
        ProblemType.NEIGHBOUR_UNAVAILABLE
    })
    @PatchMapping(consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    ResponseEntity<UpdateReceipt> piece(
            @PathVariable RoundId round,
            @PathVariable AgentName agent,
            @Parameter(example = TOKEN) @RequestHeader(HttpHeaders.AUTHORIZATION)
                    Optional<String> authorization,
            @Parameter(example = DIGEST) @RequestHeader(Digests.HEADER) Optional<String> digest,
            @Parameter(hidden = true) HttpServletRequest request)
            throws IOException {
        UpdateDesk.Caller caller = desk.admit(round, agent, authorization.orElse(null));
        UpdateDesk.Piece piece =
                new UpdateDesk.Piece(
                        false,
                        natural(request, OFFSET),
                        length(request),
                        natural(request, LENGTH),
                        request.getInputStream());
        return answer(desk.handIn(caller, digest(digest), piece));
    }

    private static ResponseEntity<UpdateReceipt> answer(UpdateDesk.Answer answer) {
        return switch (answer) {
            case UpdateDesk.Answer.Taken(UpdateReceipt receipt) ->
                    ResponseEntity.status(receipt.repeated() ? HttpStatus.OK : HttpStatus.CREATED)
                            .body(receipt);
            case UpdateDesk.Answer.MoreToCome(long offset) -> more(offset);
        };
    }

    private static <T> ResponseEntity<T> more(long offset) {
        return ResponseEntity.noContent()
                .header(COMPLETE, "?0")
                .header(OFFSET, Long.toString(offset))
                .build();
    }

    private static Digest digest(Optional<String> header) {
        return header.flatMap(Digests::parse)
                .orElseThrow(() ->
                        malformed(
                                "name the update's SHA-256 as "
                                        + Digests.HEADER
                                        + ": sha-256=:base64:"));
    }

    private static long length(HttpServletRequest request) {
        long length = request.getContentLengthLong();
        if (length < 0) {
            throw new ProblemException(
                    ProblemType.LENGTH_REQUIRED, "send the body with a Content-Length");
        }
        return length;
    }

    private static long natural(HttpServletRequest request, String header) {
        @Nullable String value = request.getHeader(header);
        if (value == null || !value.matches("[0-9]{1,18}")) {
            throw malformed(header + " must be a number of bytes");
        }
        return Long.parseLong(value);
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemType.MALFORMED_REQUEST, detail);
    }
}
