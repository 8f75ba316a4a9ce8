package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.problem.ProblemType;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The rounds of a job over HTTP. */
@RestController
@RequestMapping(JobResource.PATH + "/{job}/rounds")
@Tag(name = "Jobs")
class RoundResource {

    private final Jobs jobs;
    private final Rounds rounds;

    RoundResource(Jobs jobs, Rounds rounds) {
        this.jobs = jobs;
        this.rounds = rounds;
    }

    @Operation(
            summary = "List the rounds of a job",
            description = "From the first on, each with what became of every client.")
    @ApiResponse(
            responseCode = "200",
            description = "Every round begun so far",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = "[" + Examples.ROUND + "]")))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping
    List<RoundView> list(@PathVariable JobId job) {
        mustExist(job);
        return rounds.views(job);
    }

    @Operation(
            summary = "Look at one round",
            description =
                    "Its clients with outcomes and reasons, who was left out and why, evaluation,"
                            + " bytes and seconds.")
    @ApiResponse(
            responseCode = "200",
            description = "The round",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = Examples.ROUND)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping("/{number}")
    RoundView get(
            @PathVariable JobId job,
            @Parameter(description = "From 1 over all phases.", example = "2") @PathVariable
                    int number) {
        mustExist(job);
        return rounds.view(job, number)
                .orElseThrow(() ->
                        new ProblemException(
                                ProblemType.NOT_FOUND,
                                "Job %s has no round %d yet.".formatted(job, number)));
    }

    @Operation(
            summary = "See why the cohort of a round is what it is",
            description =
                    "Everything that entered the draw, so that it can be done again from here: who"
                            + " was alive and eligible, keys of seeded draws, losses that were told"
                            + " and when, scores, and of each agent whether and why it was chosen."
                            + " While candidates measure their losses nobody is chosen yet.")
    @ApiResponse(
            responseCode = "200",
            description = "The selection",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = Examples.SELECTION)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping("/{number}/selection")
    SelectionView selection(
            @PathVariable JobId job,
            @Parameter(description = "From 1 over all phases.", example = "2") @PathVariable
                    int number) {
        mustExist(job);
        return rounds.selection(job, number)
                .orElseThrow(() ->
                        new ProblemException(
                                ProblemType.NOT_FOUND,
                                "Of job %s no draw of a round %d is recorded."
                                        .formatted(job, number)));
    }

    private void mustExist(JobId job) {
        if (!jobs.exists(job)) {
            throw JobResource.unknown(job);
        }
    }
}
