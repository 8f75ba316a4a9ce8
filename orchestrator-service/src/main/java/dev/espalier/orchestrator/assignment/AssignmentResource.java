package dev.espalier.orchestrator.assignment;

import dev.espalier.orchestrator.fleet.Caller;
import dev.espalier.orchestrator.fleet.Fleet;
import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Poll;
import dev.espalier.protocol.work.Progress;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The agents' desk over HTTP. Every call needs the agent's own secret. */
@RestController
@RequestMapping("/api/v1/agents/{agent}")
@Tag(name = "Work", description = "What agents call. Authorization: Bearer, the agent's secret")
class AssignmentResource {

    private final Fleet fleet;
    private final LongPoll poll;
    private final AssignmentDesk desk;
    private final WorkProperties properties;

    AssignmentResource(Fleet fleet, LongPoll poll, AssignmentDesk desk, WorkProperties properties) {
        this.fleet = fleet;
        this.poll = poll;
        this.desk = desk;
        this.properties = properties;
    }

    @Operation(
            summary = "Ask for work",
            description =
                    "Waits until there is work, but no longer than 'wait'. Says at the same time"
                            + " that the agent is alive and what it can do. An agent that lost its"
                            + " unfinished work is given the same again.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = Poll.class),
                            examples = @ExampleObject(value = Examples.POLL)))
    @ApiResponse(
            responseCode = "200",
            description = "Work",
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = Assignment.class),
                            examples = {
                                @ExampleObject(name = "train", value = Examples.TRAIN),
                                @ExampleObject(name = "prune", value = Examples.PRUNE),
                                @ExampleObject(name = "evaluate", value = Examples.EVALUATE),
                                @ExampleObject(name = "score", value = Examples.SCORE)
                            }))
    @ApiResponse(
            responseCode = "204",
            description = "Nothing to do; Retry-After says when to ask again",
            content = @Content)
    @Refuses({
        ProblemType.UNAUTHENTICATED,
        ProblemType.INVALID_VALUE,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.MALFORMED_REQUEST
    })
    @PostMapping("/poll")
    ResponseEntity<Assignment> poll(
            @PathVariable AgentName agent,
            @RequestAttribute(Caller.ATTRIBUTE) Caller caller,
            @Parameter(
                            description =
                                    "ISO 8601; more than the server's longest wait counts as that",
                            example = "PT20S",
                            schema = @Schema(type = "string"))
                    @RequestParam(defaultValue = "PT0S")
                    Duration wait,
            @Valid @RequestBody Poll asked)
            throws InterruptedException {
        admit(agent, caller);
        fleet.heard(agent, asked.capabilities());
        Optional<Assignment> work = poll.await(agent, wait);
        return work.map(ResponseEntity::ok).orElseGet(this::nothingToDo);
    }

    private ResponseEntity<Assignment> nothingToDo() {
        return ResponseEntity.noContent()
                .header(HttpHeaders.RETRY_AFTER, Long.toString(properties.retryAfter().toSeconds()))
                .build();
    }

    @Operation(
            summary = "Tell how the work goes",
            description =
                    "A heartbeat of an agent at work, at any rate it likes. The answer may tell it"
                            + " to stop, because its round is over.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = Progress.class),
                            examples = @ExampleObject(value = Examples.PROGRESS)))
    @ApiResponse(
            responseCode = "200",
            description = "Whether to go on",
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = Directive.class),
                            examples = {
                                @ExampleObject(name = "go on", value = Examples.CONTINUE),
                                @ExampleObject(name = "stop", value = Examples.STOP)
                            }))
    @Refuses({
        ProblemType.UNAUTHENTICATED,
        ProblemType.NOT_FOUND,
        ProblemType.INVALID_VALUE,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.MALFORMED_REQUEST
    })
    @PutMapping("/assignments/{assignment}/progress")
    Directive progress(
            @PathVariable AgentName agent,
            @PathVariable AssignmentId assignment,
            @RequestAttribute(Caller.ATTRIBUTE) Caller caller,
            @Valid @RequestBody Progress progress) {
        admit(agent, caller);
        fleet.heard(agent);
        return desk.report(agent, assignment, progress)
                .orElseThrow(() -> unknown(agent, assignment));
    }

    @Operation(
            summary = "Say how the work ended",
            description = "Once for each assignment. Saying the same again is free.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = Outcome.class),
                            examples = {
                                @ExampleObject(name = "trained", value = Examples.TRAINED),
                                @ExampleObject(name = "pruned", value = Examples.PRUNED),
                                @ExampleObject(name = "evaluated", value = Examples.EVALUATED),
                                @ExampleObject(name = "scored", value = Examples.SCORED),
                                @ExampleObject(name = "failed", value = Examples.FAILED)
                            }))
    @ApiResponse(responseCode = "204", description = "Stored")
    @Refuses({
        ProblemType.UNAUTHENTICATED,
        ProblemType.NOT_FOUND,
        ProblemType.ASSIGNMENT_OVER,
        ProblemType.CONTRADICTS_EARLIER_REQUEST,
        ProblemType.INVALID_VALUE,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.MALFORMED_REQUEST
    })
    @PutMapping("/assignments/{assignment}/outcome")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void outcome(
            @PathVariable AgentName agent,
            @PathVariable AssignmentId assignment,
            @RequestAttribute(Caller.ATTRIBUTE) Caller caller,
            @Valid @RequestBody Outcome outcome) {
        admit(agent, caller);
        fleet.heard(agent);
        refuseInfinite(outcome);
        switch (desk.finish(agent, assignment, outcome)) {
            case Receipt.Taken taken -> {}
            case Receipt.Over over ->
                    throw new ProblemException(
                            ProblemType.ASSIGNMENT_OVER,
                            "Drop this work and poll again: %s.".formatted(over.reason()));
            case Receipt.Contradicts contradicts ->
                    throw new ProblemException(
                            ProblemType.CONTRADICTS_EARLIER_REQUEST,
                            "Another outcome of assignment %s was reported before; that one stays."
                                    .formatted(assignment));
            case Receipt.WrongKind wrong -> throw wrongKind(wrong.expected());
            case Receipt.Unknown none -> throw unknown(agent, assignment);
        }
    }

    private void admit(AgentName agent, Caller caller) {
        if (!fleet.isCalledBy(agent, caller)) {
            throw new ProblemException(
                            ProblemType.UNAUTHENTICATED,
                            "Show the secret with which agent '%s' enrolled, or enrol first."
                                    .formatted(agent))
                    .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
    }

    /** A number too large for a double would come out as none that JSON knows. */
    private static void refuseInfinite(Outcome outcome) {
        boolean finite =
                switch (outcome) {
                    case Outcome.Trained t ->
                            Double.isFinite(t.trainSeconds()) && Double.isFinite(t.uploadSeconds());
                    case Outcome.Pruned p ->
                            Double.isFinite(p.pruneSeconds()) && Double.isFinite(p.uploadSeconds());
                    case Outcome.Evaluated e -> Double.isFinite(e.loss());
                    case Outcome.Scored s ->
                            Double.isFinite(s.loss())
                                    && (s.ownLoss() == null || Double.isFinite(s.ownLoss()));
                    case Outcome.Failed f -> true;
                };
        if (!finite) {
            throw new ProblemException(
                    ProblemType.INVALID_VALUE,
                    "Every number must be finite. Report a loss that has run away as FAILED.");
        }
    }

    private static ProblemException wrongKind(Piece.Kind expected) {
        String reason =
                switch (expected) {
                    case TRAIN -> "must be TRAINED or FAILED, since the assignment was to train";
                    case PRUNE -> "must be PRUNED or FAILED, since the assignment was to prune";
                    case EVALUATE, EVALUATE_AT_CLIENTS, EVALUATE_FINALLY ->
                            "must be EVALUATED or FAILED, since the assignment was to evaluate";
                    case SCORE -> "must be SCORED or FAILED, since the assignment was to score";
                };
        return new ProblemException(
                ProblemType.INVALID_VALUE,
                "kind: " + reason,
                List.of(new Problem.Field("kind", reason)));
    }

    private static ProblemException unknown(AgentName agent, AssignmentId assignment) {
        return new ProblemException(
                ProblemType.NOT_FOUND,
                "Agent '%s' was never given assignment %s.".formatted(agent, assignment));
    }
}
