package dev.espalier.aggregation.session;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Rounds over HTTP, for the orchestrator. */
@RestController
@RequestMapping("/api/v1/rounds/{round}")
@Tag(name = "rounds", description = "One session per round")
class RoundResource {

    private final Sessions sessions;

    RoundResource(Sessions sessions) {
        this.sessions = sessions;
    }

    @Operation(
            summary = "Open a session for a round",
            description =
                    "Checks that base, parent, adapter and scopes fit each other. Opening it again"
                            + " with the same content is free.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = RoundSession.class),
                            examples = {
                                @ExampleObject(name = "FINE_TUNE", value = RoundExamples.SESSION),
                                @ExampleObject(name = "PRUNE", value = RoundExamples.PRUNE_SESSION)
                            }))
    @ApiResponse(
            responseCode = "201",
            description = "The session is open",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = RoundSessionView.class),
                            examples = @ExampleObject(RoundExamples.OPEN)))
    @ApiResponse(responseCode = "200", description = "It was opened before, with the same content")
    @Refuses({
        ProblemType.MALFORMED_REQUEST,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.INVALID_VALUE,
        ProblemType.CONTRADICTS_EARLIER_REQUEST,
        ProblemType.COMBINATION_REFUSED,
        ProblemType.UNKNOWN_MODEL,
        ProblemType.MODEL_DOES_NOT_FIT,
        ProblemType.NEIGHBOUR_UNAVAILABLE
    })
    @PutMapping
    ResponseEntity<RoundSessionView> open(
            @PathVariable RoundId round, @Valid @RequestBody RoundSession session) {
        if (!session.round().equals(round)) {
            throw new ProblemException(
                    ProblemType.INVALID_VALUE,
                    "round: must be the round in the URL",
                    List.of(new Problem.Field("round", "must be the round in the URL")));
        }
        Sessions.Opening opening = sessions.open(session);
        return ResponseEntity.status(opening.created() ? HttpStatus.CREATED : HttpStatus.OK)
                .body(opening.view());
    }

    @Operation(
            summary = "Show a round and its updates",
            description = "One entry for every member of the cohort; refused updates with reasons.")
    @ApiResponse(
            responseCode = "200",
            description = "The round as it stands",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = RoundSessionView.class),
                            examples = {
                                @ExampleObject(name = "FINE_TUNE", value = RoundExamples.PUBLISHED),
                                @ExampleObject(
                                        name = "PRUNE",
                                        value = RoundExamples.PUBLISHED_PRUNED)
                            }))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping
    RoundSessionView show(@PathVariable RoundId round) {
        return known(round, sessions.view(round));
    }

    @Operation(
            summary = "Seal a round",
            description =
                    "From now on no update is taken. Combining goes on behind this answer; poll the"
                            + " round until it is PUBLISHED or VOID. Sealing again is free.")
    @ApiResponse(
            responseCode = "202",
            description = "Sealed",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = RoundSessionView.class),
                            examples = @ExampleObject(RoundExamples.SEALED)))
    @Refuses({
        ProblemType.NOT_FOUND,
        ProblemType.INVALID_VALUE,
        ProblemType.CONTRADICTS_EARLIER_REQUEST
    })
    @PostMapping("/seal")
    @ResponseStatus(HttpStatus.ACCEPTED)
    RoundSessionView seal(@PathVariable RoundId round) {
        return known(round, sessions.seal(round));
    }

    @Operation(
            summary = "Cancel a round",
            description =
                    "Deletes its updates. A round that is already published cannot be cancelled.")
    @ApiResponse(
            responseCode = "200",
            description = "Cancelled, or void already",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = RoundSessionView.class),
                            examples = @ExampleObject(RoundExamples.CANCELLED)))
    @Refuses({
        ProblemType.NOT_FOUND,
        ProblemType.INVALID_VALUE,
        ProblemType.CONTRADICTS_EARLIER_REQUEST
    })
    @PostMapping("/cancel")
    RoundSessionView cancel(@PathVariable RoundId round) {
        return known(round, sessions.cancel(round));
    }

    private static RoundSessionView known(RoundId round, Optional<RoundSessionView> view) {
        return view.orElseThrow(() ->
                new ProblemException(
                        ProblemType.NOT_FOUND, "there is no session for round " + round));
    }
}
