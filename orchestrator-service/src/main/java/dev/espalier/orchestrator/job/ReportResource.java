package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.heads.HeadMaps;
import dev.espalier.orchestrator.heads.HeadPicture;
import dev.espalier.orchestrator.heads.HeadTable;
import dev.espalier.orchestrator.ranks.ComponentMaps;
import dev.espalier.orchestrator.ranks.ComponentPicture;
import dev.espalier.orchestrator.ranks.ComponentTable;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobReport;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.problem.ProblemType;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import java.util.EnumSet;
import java.util.List;
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

/** What a job has cost and what became of its heads and components, over HTTP. */
@RestController
@RequestMapping(JobResource.PATH + "/{job}")
@Tag(name = "Jobs")
class ReportResource {

    private static final Set<MapFormat> ALL = EnumSet.allOf(MapFormat.class);

    private final Jobs jobs;
    private final Rounds rounds;

    ReportResource(Jobs jobs, Rounds rounds) {
        this.jobs = jobs;
        this.rounds = rounds;
    }

    @Operation(
            summary = "Sum up a job",
            description =
                    "Bytes up and down, each apart and against dense adapters, multiply-accumulates"
                            + " by every way of counting, and how the evaluation went. With a"
                            + " target: the first round that reached it and what it took until"
                            + " then.")
    @ApiResponse(
            responseCode = "200",
            description = "So far",
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = JobReport.class),
                            examples = @ExampleObject(value = Examples.REPORT)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping("/report")
    JobReport report(
            @PathVariable JobId job,
            @Parameter(description = "Looks for the first round that reached it.", example = "0.95")
                    @RequestParam(required = false)
                    @DecimalMin("0")
                    @DecimalMax("1")
                    @Nullable Double targetAccuracy) {
        JobView view = jobs.view(job).orElseThrow(() -> JobResource.unknown(job));
        return Reports.of(view.state(), rounds.views(job), targetAccuracy);
    }

    @Operation(
            summary = "Show which attention heads were kept",
            description =
                    "Round by round, how many clients kept each head and with what mean confidence:"
                            + " as JSON, as CSV, or as a picture. Rounds without head pruning are"
                            + " not in it.")
    @ApiResponse(
            responseCode = "200",
            description = "The head map",
            content = {
                @Content(
                        mediaType = MapFormat.JSON_TYPE,
                        schema = @Schema(implementation = HeadMap.class),
                        examples = @ExampleObject(value = MapExamples.HEADS)),
                @Content(
                        mediaType = MapFormat.CSV_TYPE,
                        schema = @Schema(type = "string"),
                        examples = @ExampleObject(value = MapExamples.HEADS_CSV)),
                @Content(
                        mediaType = MapFormat.SVG_TYPE,
                        schema = @Schema(type = "string"),
                        examples = @ExampleObject(value = MapExamples.SVG))
            })
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE, ProblemType.NOT_ACCEPTABLE})
    @GetMapping(
            path = "/heads",
            produces = {MapFormat.JSON_TYPE, MapFormat.CSV_TYPE, MapFormat.SVG_TYPE})
    ResponseEntity<Object> heads(
            @PathVariable JobId job,
            @Parameter(
                            description = "Stronger than the Accept header: json, csv or svg.",
                            example = "svg")
                    @RequestParam(required = false)
                    @Nullable String format,
            @Parameter(hidden = true) @RequestHeader HttpHeaders headers) {
        ModelStructure structure = jobs.structure(job).orElseThrow(() -> JobResource.unknown(job));
        HeadMap map = HeadMaps.of(structure, rounds.heads(job));
        MapFormat wanted = MapFormat.wanted(format, headers, ALL);
        return switch (wanted) {
            case JSON -> MapFormat.json(map);
            case CSV -> wanted.answer(HeadTable.csv(map));
            case SVG -> wanted.answer(HeadPicture.svg(map));
        };
    }

    @Operation(
            summary = "Show what rank-1 components are worth and who trained them",
            description =
                    "Round by round, of every target module and component: how many clients trained"
                            + " it, its importance, since how many rounds nobody trained it, and"
                            + " what each client was told to train; with RANK_OPTIMAL what was cut"
                            + " off. As JSON, as CSV, or as a picture. Rounds in which all clients"
                            + " trained all components are only in it where the rule forms new"
                            + " ones.")
    @ApiResponse(
            responseCode = "200",
            description = "The component map",
            content = {
                @Content(
                        mediaType = MapFormat.JSON_TYPE,
                        schema = @Schema(implementation = ComponentMap.class),
                        examples = @ExampleObject(value = MapExamples.COMPONENTS)),
                @Content(
                        mediaType = MapFormat.CSV_TYPE,
                        schema = @Schema(type = "string"),
                        examples = @ExampleObject(value = MapExamples.COMPONENTS_CSV)),
                @Content(
                        mediaType = MapFormat.SVG_TYPE,
                        schema = @Schema(type = "string"),
                        examples = @ExampleObject(value = MapExamples.SVG))
            })
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE, ProblemType.NOT_ACCEPTABLE})
    @GetMapping(
            path = "/components",
            produces = {MapFormat.JSON_TYPE, MapFormat.CSV_TYPE, MapFormat.SVG_TYPE})
    ResponseEntity<Object> components(
            @PathVariable JobId job,
            @Parameter(
                            description = "Stronger than the Accept header: json, csv or svg.",
                            example = "svg")
                    @RequestParam(required = false)
                    @Nullable String format,
            @Parameter(hidden = true) @RequestHeader HttpHeaders headers) {
        List<ComponentMap.Module> modules =
                jobs.modules(job).orElseThrow(() -> JobResource.unknown(job));
        ComponentMap map = ComponentMaps.of(modules, rounds.components(job));
        MapFormat wanted = MapFormat.wanted(format, headers, ALL);
        return switch (wanted) {
            case JSON -> MapFormat.json(map);
            case CSV -> wanted.answer(ComponentTable.csv(map));
            case SVG -> wanted.answer(ComponentPicture.svg(map));
        };
    }
}
