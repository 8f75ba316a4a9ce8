package dev.espalier.registry.version;

import static dev.espalier.protocol.problem.ProblemType.INVALID_VALUE;
import static dev.espalier.protocol.problem.ProblemType.MALFORMED_REQUEST;
import static dev.espalier.protocol.problem.ProblemType.NOT_FOUND;
import static dev.espalier.protocol.problem.ProblemType.UNKNOWN_FIELD;
import static dev.espalier.protocol.problem.ProblemType.UNSUPPORTED_MEDIA_TYPE;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.problem.Problem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What evaluations of versions gave, over HTTP. */
@RestController
@RequestMapping("/api/v1/models/{model}/versions/{version}/metrics")
@Tag(name = "Metrics", description = "What evaluations of a version gave")
class MetricsResource {

    private static final Logger log = LoggerFactory.getLogger(MetricsResource.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,62}");

    private final Shelf shelf;
    private final MetricsRows rows;
    private final InstantSource clock;

    MetricsResource(Shelf shelf, MetricsRows rows, InstantSource clock) {
        this.shelf = shelf;
        this.rows = rows;
        this.clock = clock;
    }

    @PutMapping("/{data}")
    @Operation(
            summary = "Keep what an evaluation gave",
            description =
                    "One result per version and data name; a later evaluation takes the place of an"
                            + " earlier one.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(examples = @ExampleObject(name = "metrics", value = Examples.METRICS)))
    @ApiResponse(responseCode = "204", description = "Kept", content = @Content)
    @Refuses({MALFORMED_REQUEST, UNKNOWN_FIELD, INVALID_VALUE, NOT_FOUND, UNSUPPORTED_MEDIA_TYPE})
    ResponseEntity<Void> put(
            @PathVariable ModelName model,
            @Parameter(description = "a number or an alias", example = "4") @PathVariable
                    String version,
            @PathVariable DataName data,
            @Valid @RequestBody VersionMetrics metrics) {
        refuseUnlessFit(data, metrics);
        VersionRef ref = shelf.ref(model, version);
        int written =
                rows.put(
                        model.value(),
                        ref.number(),
                        data.value(),
                        metrics.examples(),
                        StoredJson.writeMetrics(metrics.values()),
                        clock.instant());
        if (written > 0) {
            log.info("metrics kept version={} data={} {}", ref, data, metrics.values());
        }
        return ResponseEntity.noContent().build();
    }

    @GetMapping
    @Operation(
            summary = "Show what evaluations gave",
            description = "The latest of each data name, in order of that name.")
    @ApiResponse(
            responseCode = "200",
            description = "The metrics",
            content = @Content(examples = @ExampleObject("[" + Examples.METRICS + "]")))
    @Refuses({INVALID_VALUE, NOT_FOUND})
    List<VersionMetrics> list(
            @PathVariable ModelName model,
            @Parameter(description = "a number or an alias", example = "4") @PathVariable
                    String version) {
        VersionRef ref = shelf.ref(model, version);
        return rows.find(model.value(), ref.number()).stream().map(MetricsRow::view).toList();
    }

    private static void refuseUnlessFit(DataName data, VersionMetrics metrics) {
        if (!metrics.data().equals(data)) {
            throw invalid("data", "must be '%s' as in the URL".formatted(data));
        }
        for (Map.Entry<String, Double> metric : metrics.values().entrySet()) {
            if (!NAME.matcher(metric.getKey()).matches()) {
                throw invalid(
                        "values", "a metric's name is 1 to 63 letters, digits, '.', '_' and '-'");
            }
            if (!Double.isFinite(metric.getValue())) {
                throw invalid("values." + metric.getKey(), "must be a finite number");
            }
        }
    }

    private static ProblemException invalid(String field, String reason) {
        return new ProblemException(
                INVALID_VALUE, field + ": " + reason, List.of(new Problem.Field(field, reason)));
    }
}
