package dev.espalier.orchestrator.event;

import dev.espalier.orchestrator.signal.Bell;
import dev.espalier.problem.ProblemException;
import dev.espalier.problem.Refuses;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.problem.ProblemType;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The live stream over HTTP: server-sent events. */
@RestController
@Tag(name = "Jobs")
class EventResource {

    private static final Logger log = LoggerFactory.getLogger(EventResource.class);
    private static final long NO_TIMEOUT = 0;

    private static final String EXAMPLE =
            """
            id:3
            event:round-started
            data:{"sequence":3,"at":"2026-01-05T10:15:30.123Z","type":"round-started",\
            "message":"round 1 of 4 trains with 5 agents","data":{"round":1,"cohort":5}}

            :still here
            """;

    private final JobEvents events;
    private final EventStream stream;

    EventResource(
            JobEvents events, Bell<JobId> bell, InstantSource clock, StreamProperties properties) {
        this.events = events;
        this.stream = new EventStream(events, bell, clock, properties);
    }

    @Operation(
            summary = "Follow a job live",
            description =
                    "Server-sent events: first everything that has happened since the job was"
                            + " submitted, or since the event named by Last-Event-ID, then what"
                            + " happens from now on. Comments keep a quiet stream alive. The stream"
                            + " ends after the job's last event.")
    @ApiResponse(
            responseCode = "200",
            description = "The stream",
            content =
                    @Content(
                            mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                            schema = @Schema(implementation = JobEvent.class),
                            examples = @ExampleObject(name = "two lines", value = EXAMPLE)))
    @Refuses({ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    @GetMapping(path = "/api/v1/jobs/{job}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter follow(
            @PathVariable JobId job,
            @Parameter(description = "Go on after this event.", example = "17")
                    @RequestHeader(name = "Last-Event-ID", defaultValue = "0")
                    long lastEventId) {
        if (!events.knows(job)) {
            throw new ProblemException(ProblemType.NOT_FOUND, "There is no job " + job + ".");
        }
        SseEmitter emitter = new SseEmitter(NO_TIMEOUT);
        Thread.ofVirtual().name("events-" + job).start(() -> send(job, lastEventId, emitter));
        return emitter;
    }

    private void send(JobId job, long after, SseEmitter emitter) {
        try {
            stream.follow(job, after, new Wire(emitter));
            emitter.complete();
        } catch (IOException | IllegalStateException gone) {
            log.debug("nobody follows job={} any more", job);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException surprise) {
            log.warn("the stream of events broke job={}", job, surprise);
            emitter.completeWithError(surprise);
        }
    }

    private record Wire(SseEmitter emitter) implements EventStream.Listener {

        @Override
        public void event(JobEvent event) throws IOException {
            emitter.send(
                    SseEmitter.event()
                            .id(Long.toString(event.sequence()))
                            .name(event.type())
                            .data(event, MediaType.APPLICATION_JSON));
        }

        @Override
        public void stillHere() throws IOException {
            emitter.send(SseEmitter.event().comment("still here"));
        }
    }
}
