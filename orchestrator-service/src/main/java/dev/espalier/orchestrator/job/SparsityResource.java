package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.layers.SparsityTable;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.SparsityMap;
import dev.espalier.protocol.problem.ProblemType;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How sparse a job made its base, over HTTP. */
@RestController
@RequestMapping(JobResource.PATH + "/{job}/sparsity")
@Tag(name = "Jobs")
class SparsityResource {

    private static final Set<MapFormat> OFFERED = EnumSet.of(MapFormat.JSON, MapFormat.CSV);

    private final Jobs jobs;
    private final Rounds rounds;

    SparsityResource(Jobs jobs, Rounds rounds) {
        this.jobs = jobs;
        this.rounds = rounds;
    }

    @Operation(
            summary = "Show how sparse the base became",
            description =
                    "Round by round, of every matrix: how many of its elements are pruned, and how"
                        + " many clients pruned it in that round. As JSON or as CSV. Rounds that"
                        + " pruned nothing are not in it.")
    @ApiResponse(
            responseCode = "200",
            description = "The sparsity map",
            content = {
                @Content(
                        mediaType = MapFormat.JSON_TYPE,
                        schema = @Schema(implementation = SparsityMap.class),
                        examples = @ExampleObject(value = MapExamples.SPARSITY)),
                @Content(
                        mediaType = MapFormat.CSV_TYPE,
                        schema = @Schema(type = "string"),
                        examples = @ExampleObject(value = MapExamples.SPARSITY_CSV))
            })
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE, ProblemType.NOT_ACCEPTABLE})
    @GetMapping(produces = {MapFormat.JSON_TYPE, MapFormat.CSV_TYPE})
    ResponseEntity<Object> sparsity(
            @PathVariable JobId job,
            @Parameter(
                            description = "Stronger than the Accept header: json or csv.",
                            example = "csv")
                    @RequestParam(required = false)
                    @Nullable String format,
            @Parameter(hidden = true) @RequestHeader HttpHeaders headers) {
        if (!jobs.exists(job)) {
            throw JobResource.unknown(job);
        }
        SparsityMap map = rounds.sparsity(job);
        MapFormat wanted = MapFormat.wanted(format, headers, OFFERED);
        return wanted == MapFormat.CSV
                ? wanted.answer(SparsityTable.csv(map))
                : MapFormat.json(map);
    }
}
