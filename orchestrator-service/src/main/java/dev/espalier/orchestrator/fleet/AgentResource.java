package dev.espalier.orchestrator.fleet;

import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.AgentView;
import dev.espalier.protocol.work.Enrolment;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The fleet over HTTP. */
@RestController
@RequestMapping(path = "/api/v1/agents")
@Tag(name = "Fleet", description = "The agents beside the data")
class AgentResource {

    private final Fleet fleet;

    AgentResource(Fleet fleet) {
        this.fleet = fleet;
    }

    @Operation(
            summary = "List the agents",
            description = "In ascending order of name, whether alive or not.")
    @ApiResponse(
            responseCode = "200",
            description = "Every enrolled agent",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = "[" + Examples.AGENT + "]")))
    @GetMapping
    List<AgentView> list() {
        return fleet.views();
    }

    @Operation(
            summary = "Look at one agent",
            description = "What it can do, when it was last heard of, what it works on.")
    @ApiResponse(
            responseCode = "200",
            description = "The agent",
            content =
                    @Content(
                            mediaType = "application/json",
                            examples = @ExampleObject(value = Examples.AGENT)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping("/{agent}")
    AgentView get(@PathVariable AgentName agent) {
        return fleet.view(agent).orElseThrow(() -> unknown(agent));
    }

    @Operation(
            summary = "Remove an agent",
            description =
                    "Its secret is void from now on and its work is dropped. It may enrol again.")
    @ApiResponse(responseCode = "204", description = "There is no such agent any more")
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @DeleteMapping("/{agent}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable AgentName agent) {
        if (!fleet.remove(agent)) {
            throw unknown(agent);
        }
    }

    @Operation(
            summary = "Enrol an agent",
            description =
                    "The agent draws its own secret, keeps it, and shows it with every later call"
                            + " as 'Authorization: Bearer'. Only the secret's hash is stored."
                            + " Enrolling again with the same secret is free. Where an enrolment"
                            + " token is configured, this call must carry it as 'Authorization:"
                            + " Bearer'.",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = Enrolment.class),
                                            examples = @ExampleObject(value = Examples.ENROLMENT))))
    @ApiResponse(
            responseCode = "201",
            description = "Enrolled",
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = AgentView.class),
                            examples = @ExampleObject(value = Examples.AGENT)))
    @ApiResponse(
            responseCode = "200",
            description = "Was enrolled already, with this very secret",
            content =
                    @Content(
                            mediaType = "application/json",
                            schema = @Schema(implementation = AgentView.class),
                            examples = @ExampleObject(value = Examples.AGENT)))
    @Refuses({
        ProblemType.UNAUTHENTICATED,
        ProblemType.AGENT_NAME_TAKEN,
        ProblemType.INVALID_VALUE,
        ProblemType.UNKNOWN_FIELD,
        ProblemType.MALFORMED_REQUEST
    })
    @PutMapping("/{agent}")
    ResponseEntity<AgentView> enrol(
            @PathVariable AgentName agent,
            @RequestAttribute(Caller.ATTRIBUTE) Caller caller,
            @Valid @org.springframework.web.bind.annotation.RequestBody Enrolment enrolment) {
        return switch (fleet.enrol(agent, enrolment, caller)) {
            case Enrolled.New fresh ->
                    ResponseEntity.status(HttpStatus.CREATED).body(fresh.agent());
            case Enrolled.Known known -> ResponseEntity.ok(known.agent());
            case Enrolled.NameTaken taken ->
                    throw new ProblemException(
                            ProblemType.AGENT_NAME_TAKEN,
                            "An agent '%s' with another secret is enrolled. Choose another name, or remove the old one (DELETE /api/v1/agents/%s) if it is gone."
                                    .formatted(agent, agent));
            case Enrolled.TokenRefused refused ->
                    throw unauthenticated(
                            "Enrolling needs the enrolment token that the operator of this server"
                                    + " gave out.");
        };
    }

    private static ProblemException unauthenticated(String detail) {
        return new ProblemException(ProblemType.UNAUTHENTICATED, detail)
                .withHeader("WWW-Authenticate", "Bearer");
    }

    private static ProblemException unknown(AgentName agent) {
        return new ProblemException(
                ProblemType.NOT_FOUND, "No agent '%s' is enrolled.".formatted(agent));
    }
}
