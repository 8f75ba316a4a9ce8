package dev.espalier.agent.poll;

import dev.espalier.agent.neighbour.Line;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Enrolment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Poll;
import dev.espalier.protocol.work.Progress;
import java.time.Duration;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.web.client.RestClient;

/** The orchestrator over HTTP, called in the name of one agent. */
public final class HttpOrchestrator implements Orchestrator {

    private static final Duration USUAL_PAUSE = Duration.ofSeconds(1);
    private static final String AGENT = "/api/v1/agents/{agent}";
    private static final String ASSIGNMENT = AGENT + "/assignments/{assignment}";

    private final Line line;
    private final AgentName agent;
    private final Secret secret;
    private final Optional<String> enrolmentToken;

    /**
     * @param enrolmentToken where the orchestrator asks for one
     */
    public HttpOrchestrator(
            Line line, AgentName agent, Secret secret, Optional<String> enrolmentToken) {
        this.line = line;
        this.agent = agent;
        this.secret = secret;
        this.enrolmentToken = enrolmentToken;
    }

    @Override
    public void enrol(Capabilities capabilities) {
        byte[] body = line.body(new Enrolment(secret.reveal(), capabilities));
        line.call(http -> {
            RestClient.RequestBodySpec request = http.put().uri(AGENT, agent.value());
            enrolmentToken.ifPresent(token -> authorize(request, token));
            return request.contentType(Line.json()).body(body);
        });
    }

    @Override
    public Offer poll(Capabilities capabilities, Duration wait) {
        byte[] body = line.body(new Poll(capabilities));
        Line.Answer answer =
                line.call(http ->
                        authorize(
                                        http.post()
                                                .uri(
                                                        AGENT + "/poll?wait={wait}",
                                                        agent.value(),
                                                        wait.toString()),
                                        secret.reveal())
                                .contentType(Line.json())
                                .body(body));
        return answer.isEmpty()
                ? new Offer.Nothing(retryAfter(answer))
                : new Offer.Work(answer.as(Assignment.class));
    }

    @Override
    public Directive progress(AssignmentId assignment, Progress progress) {
        return put(assignment, "/progress", progress).as(Directive.class);
    }

    @Override
    public void report(AssignmentId assignment, Outcome outcome) {
        put(assignment, "/outcome", outcome);
    }

    private Line.Answer put(AssignmentId assignment, String what, Object message) {
        byte[] body = line.body(message);
        return line.call(http ->
                authorize(
                                http.put()
                                        .uri(
                                                ASSIGNMENT + what,
                                                agent.value(),
                                                assignment.toString()),
                                secret.reveal())
                        .contentType(Line.json())
                        .body(body));
    }

    private static RestClient.RequestBodySpec authorize(
            RestClient.RequestBodySpec request, String token) {
        return request.header(HttpHeaders.AUTHORIZATION, "Bearer " + token);
    }

    private static Duration retryAfter(Line.Answer answer) {
        return answer.header(HttpHeaders.RETRY_AFTER)
                .filter(seconds -> seconds.matches("[0-9]{1,5}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(USUAL_PAUSE);
    }
}
