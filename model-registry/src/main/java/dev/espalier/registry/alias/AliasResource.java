package dev.espalier.registry.alias;

import static dev.espalier.protocol.problem.ProblemType.ALIAS_MOVED;
import static dev.espalier.protocol.problem.ProblemType.FORBIDDEN;
import static dev.espalier.protocol.problem.ProblemType.INVALID_VALUE;
import static dev.espalier.protocol.problem.ProblemType.MALFORMED_REQUEST;
import static dev.espalier.protocol.problem.ProblemType.NOT_FOUND;
import static dev.espalier.protocol.problem.ProblemType.UNKNOWN_FIELD;
import static dev.espalier.protocol.problem.ProblemType.UNSUPPORTED_MEDIA_TYPE;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.AliasView;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.registry.model.Model;
import dev.espalier.registry.model.Models;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Aliases over HTTP. */
@RestController
@RequestMapping("/api/v1/models/{model}/aliases/{alias}")
@Tag(name = "Aliases", description = "Movable names for versions")
class AliasResource {

    private static final Logger log = LoggerFactory.getLogger(AliasResource.class);

    private static final String FIRST =
            """
            {"version": 1}\
            """;
    private static final String NEXT =
            """
            {"version": 4, "expected": 3}\
            """;
    private static final String VIEW =
            """
            {"model": "spam-filter", "alias": "champion", "version": 4}\
            """;

    private final Aliases aliases;
    private final Models models;

    AliasResource(Aliases aliases, Models models) {
        this.aliases = aliases;
        this.models = models;
    }

    @GetMapping
    @Operation(
            summary = "Show where an alias points",
            description = "latest always names the model's last version.")
    @ApiResponse(
            responseCode = "200",
            description = "The alias",
            content = @Content(examples = @ExampleObject(VIEW)))
    @Refuses({INVALID_VALUE, NOT_FOUND})
    AliasView show(@PathVariable ModelName model, @PathVariable AliasName alias) {
        Model found = models.find(model).orElseThrow(() -> noModel(model));
        Integer version = found.aliases().get(alias.value());
        if (version == null) {
            throw new ProblemException(
                    NOT_FOUND, "model %s has no alias %s".formatted(model, alias));
        }
        return new AliasView(model, alias, version);
    }

    @PutMapping
    @Operation(
            summary = "Move an alias",
            description =
                    "Compare-and-set: expected says where the caller believes the alias points, and"
                        + " is left out for an alias that is new. If it points elsewhere nothing"
                        + " happens. Moving it where it points already is free. latest cannot be"
                        + " moved: it follows publishing.")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content =
                    @Content(
                            examples = {
                                @ExampleObject(name = "a new alias", value = FIRST),
                                @ExampleObject(name = "from version 3 to 4", value = NEXT)
                            }))
    @ApiResponse(
            responseCode = "200",
            description = "It points there now",
            content = @Content(examples = @ExampleObject(VIEW)))
    @Refuses({
        MALFORMED_REQUEST,
        UNKNOWN_FIELD,
        INVALID_VALUE,
        FORBIDDEN,
        NOT_FOUND,
        ALIAS_MOVED,
        UNSUPPORTED_MEDIA_TYPE
    })
    AliasView move(
            @PathVariable ModelName model,
            @PathVariable AliasName alias,
            @Valid @RequestBody MoveAlias wish) {
        AliasMove move = aliases.move(model, alias, wish).orElseThrow(() -> noModel(model));
        return switch (move) {
            case AliasMove.Moves moves -> {
                log.info(
                        "alias moved model={} alias={} from={} to={}",
                        model,
                        alias,
                        wish.expected(),
                        moves.version());
                yield new AliasView(model, alias, moves.version());
            }
            case AliasMove.AlreadyThere there -> new AliasView(model, alias, there.version());
            case AliasMove.PointsElsewhere elsewhere ->
                    throw new ProblemException(ALIAS_MOVED, elsewhere(alias, elsewhere.version()));
            case AliasMove.NoSuchVersion none ->
                    throw invalid(
                            "version",
                            "model %s has no version %d".formatted(model, none.version()));
            case AliasMove.LooksLikeANumber _ ->
                    throw invalid("alias", "must not consist of digits alone");
            case AliasMove.FollowsPublishing _ ->
                    throw new ProblemException(
                            FORBIDDEN, "latest follows publishing; choose an alias of your own");
        };
    }

    private static String elsewhere(AliasName alias, @Nullable Integer version) {
        return version == null
                ? "there is no alias %s yet; leave out expected to create it".formatted(alias)
                : "%s points at version %d; look at that and decide again"
                        .formatted(alias, version);
    }

    private static ProblemException invalid(String field, String reason) {
        return new ProblemException(
                ProblemType.INVALID_VALUE,
                field + ": " + reason,
                List.of(new Problem.Field(field, reason)));
    }

    private static ProblemException noModel(ModelName model) {
        return new ProblemException(NOT_FOUND, "there is no model " + model);
    }
}
