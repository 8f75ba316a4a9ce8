package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.neighbour.NeighbourRefused;
import dev.espalier.orchestrator.neighbour.NeighbourUnavailable;
import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.problem.ProblemType;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Jobs over HTTP. */
@RestController
@RequestMapping(JobResource.PATH)
@Tag(name = "Jobs", description = "Federation jobs, for people and their programs")
class JobResource {

    static final String PATH = "/api/v1/jobs";

    private final Jobs jobs;

    JobResource(Jobs jobs) {
        this.jobs = jobs;
    }

    @Operation(
            summary = "Submit a job",
            description =
                    "The whole specification is checked at once, against the base model too; a"
                            + " refusal names every field at fault. A job that nobody can work on"
                            + " yet is accepted and waits: waitingFor says for what. With an"
                            + " Idempotency-Key the same request may be sent again.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = JobSpecification.class),
                            examples = {
                                @ExampleObject(name = "complete", value = Examples.SPECIFICATION),
                                @ExampleObject(
                                        name = "short",
                                        value = Examples.SHORT_SPECIFICATION),
                                @ExampleObject(
                                        name = "ranks by strength",
                                        value = Examples.RANKS_SPECIFICATION),
                                @ExampleObject(
                                        name = "prune and heal",
                                        value = Examples.PRUNE_SPECIFICATION)
                            }))
    @ApiResponse(
            responseCode = "201",
            description = "Accepted and stored",
            headers =
                    @Header(
                            name = "Location",
                            description = "The job",
                            schema = @Schema(type = "string", format = "uri-reference")),
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = JobView.class),
                            examples = @ExampleObject(value = Examples.JOB)))
    @ApiResponse(
            responseCode = "200",
            description = "Was submitted under this Idempotency-Key before",
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = JobView.class),
                            examples = @ExampleObject(value = Examples.JOB)))
    @Refuses({
        ProblemType.MALFORMED_REQUEST,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.INVALID_VALUE,
        ProblemType.UNKNOWN_MODEL,
        ProblemType.MODEL_DOES_NOT_FIT,
        ProblemType.COMBINATION_REFUSED,
        ProblemType.CONTRADICTS_EARLIER_REQUEST,
        ProblemType.NEIGHBOUR_UNAVAILABLE
    })
    @PostMapping
    ResponseEntity<JobView> submit(
            @Parameter(
                            description = "Chosen by the caller, once for each job it wants.",
                            example = "spam-filter-2026-01-05")
                    @RequestHeader(name = "Idempotency-Key", required = false)
                    @Pattern(
                            regexp = "[!-~]{1,200}",
                            message = "must be 1 to 200 visible characters")
                    @Nullable String key,
            @RequestBody JobSpecification specification) {
        return switch (submitted(specification, key)) {
            case Submission.Accepted accepted ->
                    ResponseEntity.created(location(accepted.job())).body(accepted.job());
            case Submission.Known known ->
                    ResponseEntity.ok().location(location(known.job())).body(known.job());
            case Submission.Contradicts earlier ->
                    throw new ProblemException(
                            ProblemType.CONTRADICTS_EARLIER_REQUEST,
                            "Job %s was submitted under this Idempotency-Key with another specification. Use another key for another job."
                                    .formatted(earlier.job().id()));
            case Submission.Refused refused -> throw Refusals.of(refused.violations());
        };
    }

    private Submission submitted(JobSpecification specification, @Nullable String key) {
        try {
            return jobs.submit(specification, key);
        } catch (NeighbourUnavailable | NeighbourRefused silent) {
            throw new ProblemException(
                    ProblemType.NEIGHBOUR_UNAVAILABLE,
                    "The job could not be checked: %s. Nothing was stored; try again."
                            .formatted(silent.getMessage()));
        }
    }

    private static URI location(JobView job) {
        return URI.create(PATH + "/" + job.id());
    }

    @Operation(summary = "List jobs", description = "Newest first.")
    @ApiResponse(
            responseCode = "200",
            description = "The newest jobs",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = "[" + Examples.JOB + "]")))
    @Refuses(ProblemType.INVALID_VALUE)
    @GetMapping
    List<JobView> list(
            @Parameter(description = "How many at most.", example = "20")
                    @RequestParam(defaultValue = "50")
                    @Min(1)
                    @Max(500)
                    int limit) {
        return jobs.newest(limit);
    }

    @Operation(
            summary = "Look at one job",
            description = "Where it stands, and in waitingFor why nothing moves.")
    @ApiResponse(
            responseCode = "200",
            description = "The job",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = Examples.JOB)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping("/{job}")
    JobView get(@PathVariable JobId job) {
        return jobs.view(job).orElseThrow(() -> unknown(job));
    }

    @Operation(
            summary = "Pause a job",
            description =
                    "No new round begins until it is resumed; a round under way is finished. A job"
                            + " whose rounds are done has nothing left to pause. Pausing twice is"
                            + " pausing once.")
    @ApiResponse(
            responseCode = "200",
            description = "The job",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = Examples.JOB)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.JOB_ENDED, ProblemType.INVALID_VALUE})
    @PostMapping("/{job}/pause")
    JobView pause(@PathVariable JobId job) {
        return answer(job, jobs.pause(job));
    }

    @Operation(
            summary = "Resume a paused job",
            description = "It goes on where it was. Resuming a running job changes nothing.")
    @ApiResponse(
            responseCode = "200",
            description = "The job",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = Examples.JOB)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.JOB_ENDED, ProblemType.INVALID_VALUE})
    @PostMapping("/{job}/resume")
    JobView resume(@PathVariable JobId job) {
        return answer(job, jobs.resume(job));
    }

    @Operation(
            summary = "Cancel a job",
            description =
                    "Ends it and the round under way; agents are told to stop. What was published"
                            + " stays. Cancelling twice is cancelling once.")
    @ApiResponse(
            responseCode = "200",
            description = "The job",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = Examples.JOB)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.JOB_ENDED, ProblemType.INVALID_VALUE})
    @PostMapping("/{job}/cancel")
    JobView cancel(@PathVariable JobId job) {
        return answer(job, jobs.cancel(job));
    }

    private static JobView answer(JobId job, Change change) {
        return switch (change) {
            case Change.Done done -> done.job();
            case Change.Ended ended ->
                    throw new ProblemException(
                            ProblemType.JOB_ENDED,
                            "Job %s is %s. Submit a new one instead."
                                    .formatted(job, ended.job().state()));
            case Change.Unknown none -> throw unknown(job);
        };
    }

    static ProblemException unknown(JobId job) {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no job " + job + ".");
    }
}
