package dev.espalier.aggregation.publish;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.io.IOException;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The first and the last version of a job over HTTP, for the orchestrator. */
@RestController
@RequestMapping("/api/v1/jobs/{job}")
@Tag(name = "jobs", description = "What a job begins with and what it leaves behind")
class JobResource {

    private final InitialAdapters initial;
    private final MergedModels merged;

    JobResource(InitialAdapters initial, MergedModels merged) {
        this.initial = initial;
        this.merged = merged;
    }

    @Operation(
            summary = "Draw and publish a job's first adapter",
            description =
                    "A from U(-1/sqrt(in), 1/sqrt(in)), B zero, task head from N(0, 0.02) with zero"
                            + " bias, all from the job's seed. Asking again is free.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = InitialAdapter.class),
                            examples = @ExampleObject(JobExamples.INITIAL)))
    @ApiResponse(
            responseCode = "200",
            description = "The adapter lies in the registry",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = VersionManifest.class),
                            examples = @ExampleObject(JobExamples.ADAPTER)))
    @Refuses({
        ProblemType.MALFORMED_REQUEST,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.INVALID_VALUE,
        ProblemType.UNKNOWN_MODEL,
        ProblemType.MODEL_DOES_NOT_FIT,
        ProblemType.CONTRADICTS_EARLIER_REQUEST,
        ProblemType.NEIGHBOUR_UNAVAILABLE
    })
    @PutMapping("/initial-adapter")
    VersionManifest initialAdapter(
            @PathVariable JobId job, @Valid @RequestBody InitialAdapter asked) throws IOException {
        requireSame(job, asked.job());
        return initial.publish(asked);
    }

    @Operation(
            summary = "Merge an adapter into its base and publish the whole model",
            description =
                    "W + alpha/rank B A for every target module, with the task head, as a Hugging"
                            + " Face folder. Asking again is free.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = MergeAdapter.class),
                            examples = @ExampleObject(JobExamples.MERGE)))
    @ApiResponse(
            responseCode = "200",
            description = "The model lies in the registry",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = VersionManifest.class),
                            examples = @ExampleObject(JobExamples.MERGED)))
    @Refuses({
        ProblemType.MALFORMED_REQUEST,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.INVALID_VALUE,
        ProblemType.UNKNOWN_MODEL,
        ProblemType.MODEL_DOES_NOT_FIT,
        ProblemType.CONTRADICTS_EARLIER_REQUEST,
        ProblemType.NEIGHBOUR_UNAVAILABLE
    })
    @PutMapping("/merged-model")
    VersionManifest mergedModel(@PathVariable JobId job, @Valid @RequestBody MergeAdapter asked)
            throws IOException {
        requireSame(job, asked.job());
        return merged.publish(asked);
    }

    private static void requireSame(JobId inUrl, JobId inBody) {
        if (!inUrl.equals(inBody)) {
            throw new ProblemException(
                    ProblemType.INVALID_VALUE,
                    "job: must be the job in the URL",
                    List.of(new Problem.Field("job", "must be the job in the URL")));
        }
    }
}
