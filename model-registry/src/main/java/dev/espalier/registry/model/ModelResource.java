package dev.espalier.registry.model;

import static dev.espalier.protocol.problem.ProblemType.CONTRADICTS_EARLIER_REQUEST;
import static dev.espalier.protocol.problem.ProblemType.INVALID_VALUE;
import static dev.espalier.protocol.problem.ProblemType.MALFORMED_REQUEST;
import static dev.espalier.protocol.problem.ProblemType.NOT_ACCEPTABLE;
import static dev.espalier.protocol.problem.ProblemType.NOT_FOUND;
import static dev.espalier.protocol.problem.ProblemType.UNKNOWN_FIELD;
import static dev.espalier.protocol.problem.ProblemType.UNSUPPORTED_MEDIA_TYPE;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.CreateModel;
import dev.espalier.protocol.model.ModelView;
import dev.espalier.protocol.problem.Problem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.net.URI;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Models over HTTP. */
@RestController
@RequestMapping("/api/v1/models")
@Tag(name = "Models", description = "Named rows of versions")
class ModelResource {

    private static final Logger log = LoggerFactory.getLogger(ModelResource.class);

    private static final String WISH =
            """
            {"name": "spam-filter", "description": "Tells spam from ham"}\
            """;
    private static final String VIEW =
            """
            {"name": "spam-filter", "description": "Tells spam from ham", "versions": 4,
             "aliases": {"champion": 3, "latest": 4}, "createdAt": "2026-01-31T12:00:00Z"}\
            """;

    private final Models models;

    ModelResource(Models models) {
        this.models = models;
    }

    @PostMapping
    @Operation(
            summary = "Create a model",
            description =
                    "The caller names it; asking again for the same is free. A model that"
                            + " publishing created gets its description here.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content = @Content(examples = @ExampleObject(name = "a model", value = WISH)))
    @ApiResponse(
            responseCode = "201",
            description = "New",
            content = @Content(examples = @ExampleObject(VIEW)))
    @ApiResponse(
            responseCode = "200",
            description = "There already",
            content = @Content(examples = @ExampleObject(VIEW)))
    @Refuses({
        MALFORMED_REQUEST,
        UNKNOWN_FIELD,
        INVALID_VALUE,
        UNSUPPORTED_MEDIA_TYPE,
        CONTRADICTS_EARLIER_REQUEST
    })
    ResponseEntity<ModelView> create(@Valid @RequestBody CreateModel wish) {
        refuseUnprintable(wish.description());
        return switch (models.register(wish)) {
            case Registration.Created created -> {
                log.info("model created model={}", wish.name());
                yield ResponseEntity.created(URI.create("/api/v1/models/" + wish.name()))
                        .body(view(created.model()));
            }
            case Registration.AlreadyThere there -> ResponseEntity.ok(view(there.model()));
            case Registration.Contradicts _ ->
                    throw new ProblemException(
                            CONTRADICTS_EARLIER_REQUEST,
                            "model %s was created with another description, which stays"
                                    .formatted(wish.name()));
        };
    }

    @GetMapping
    @Operation(summary = "List the models", description = "All of them, in order of name.")
    @ApiResponse(
            responseCode = "200",
            description = "The models",
            content = @Content(examples = @ExampleObject("[" + VIEW + "]")))
    @Refuses(NOT_ACCEPTABLE)
    List<ModelView> list() {
        return models.all().stream().map(ModelResource::view).toList();
    }

    @GetMapping("/{model}")
    @Operation(
            summary = "Show a model",
            description = "How many versions it has and where its aliases point.")
    @ApiResponse(
            responseCode = "200",
            description = "The model",
            content = @Content(examples = @ExampleObject(VIEW)))
    @Refuses({INVALID_VALUE, NOT_FOUND})
    ModelView show(@PathVariable ModelName model) {
        return models.find(model)
                .map(ModelResource::view)
                .orElseThrow(() -> new ProblemException(NOT_FOUND, "there is no model " + model));
    }

    /** PostgreSQL keeps every character but this one. */
    private static void refuseUnprintable(String description) {
        if (description.indexOf('\0') >= 0) {
            String reason = "must not contain the character U+0000";
            throw new ProblemException(
                    INVALID_VALUE,
                    "description: " + reason,
                    List.of(new Problem.Field("description", reason)));
        }
    }

    private static ModelView view(Model model) {
        return new ModelView(
                model.name(),
                model.description().orElse(""),
                model.versions(),
                model.aliases(),
                model.createdAt());
    }
}
