package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.delete;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.put;

import dev.espalier.orchestrator.neighbour.FakeAggregation;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Directive;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import tools.jackson.databind.json.JsonMapper;

/** An agent that does one small thing at a time, over the real agent API. */
final class SimulatedAgent {

    private final MockMvc http;
    private final JsonMapper json;
    private final FakeAggregation aggregation;
    private final AgentName name;
    private final String secret;
    private String capabilities;
    private @Nullable Assignment work;
    private boolean handedIn;
    private boolean trained;
    private boolean unableToTrain;

    SimulatedAgent(
            MockMvc http,
            JsonMapper json,
            FakeAggregation aggregation,
            String name,
            AgentRole role) {
        this(http, json, aggregation, name, classifier(role));
    }

    /**
     * @param capabilities as JSON
     */
    SimulatedAgent(
            MockMvc http,
            JsonMapper json,
            FakeAggregation aggregation,
            String name,
            String capabilities) {
        this.http = http;
        this.json = json;
        this.aggregation = aggregation;
        this.name = new AgentName(name);
        this.secret = Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex();
        this.capabilities = capabilities;
    }

    private static String classifier(AgentRole role) {
        String data = role == AgentRole.TRAIN ? "mail" : "mail-test";
        String other = role == AgentRole.TRAIN ? "letters" : "mail-final";
        return """
        {"roles": ["%s"], "data": [{"name": "%s", "task": "SEQUENCE_CLASSIFICATION",
         "labels": ["ham", "spam"], "trainRows": 30, "heldOutRows": 20},
         {"name": "%s", "task": "SEQUENCE_CLASSIFICATION",
         "labels": ["ham", "spam"], "trainRows": 30, "heldOutRows": 20}],
         "families": ["bert"], "memoryBytes": 1000000000, "processors": 2,
         "device": "cpu", "software": "simulated 1"}\
        """
                .formatted(role, data, other);
    }

    /** The capabilities of one that holds letters, and of one that judges. */
    static String writer(AgentRole role) {
        return """
        {"roles": [%s], "data": [{"name": "%s", "task": "CAUSAL_LANGUAGE_MODELLING",
         "labels": [], "trainRows": 30, "heldOutRows": 10}],
         "families": ["opt"], "memoryBytes": 1000000000, "processors": 2,
         "device": "cpu", "software": "simulated 1"}\
        """
                .formatted(
                        role == AgentRole.TRAIN ? "\"TRAIN\", \"EVALUATE\"" : "\"EVALUATE\"",
                        role == AgentRole.TRAIN ? "letters" : "letters-test");
    }

    AgentName name() {
        return name;
    }

    @Nullable Assignment work() {
        return work;
    }

    void enrol() throws Exception {
        String body = "{\"secret\": \"%s\", \"capabilities\": %s}".formatted(secret, capabilities);
        int status = send(put("/api/v1/agents/" + name).content(body)).getStatus();
        assertThat(status).isIn(200, 201);
    }

    /** From its next call on it tells that it has so many. */
    void processors(int count) {
        capabilities =
                capabilities.replaceFirst("\"processors\": \\d+", "\"processors\": " + count);
    }

    /** From its next call on it tells its uplink. */
    void uplink(long bytesPerSecond) {
        capabilities =
                capabilities.replaceFirst(
                        "\"device\"",
                        "\"uplinkBytesPerSecond\": " + bytesPerSecond + ", \"device\"");
    }

    /** Is taken off the fleet. */
    void leave() throws Exception {
        assertThat(send(delete("/api/v1/agents/" + name)).getStatus()).isEqualTo(204);
    }

    /** From now on it fails whenever it should train. */
    void breakTraining() {
        unableToTrain = true;
    }

    /** Loses all it knows, as by a crash. */
    void forget() {
        work = null;
        handedIn = false;
    }

    /** Does the next small thing. */
    void act() throws Exception {
        switch (work) {
            case null -> poll();
            case Assignment.Evaluate evaluate -> finish(evaluated(evaluate));
            case Assignment.Score score -> finish(scored(score));
            case Assignment.Train _, Assignment.Prune _ -> {
                if (unableToTrain) {
                    finish(FAILED);
                } else if (handedIn) {
                    finish(work instanceof Assignment.Train ? TRAINED : PRUNED);
                } else if (progress().action() == Directive.Action.STOP) {
                    forget();
                } else {
                    handIn();
                }
            }
        }
    }

    void poll() throws Exception {
        MockHttpServletResponse answer =
                send(
                        post("/api/v1/agents/" + name + "/poll?wait=PT0S")
                                .content("{\"capabilities\": " + capabilities + "}"));
        assertThat(answer.getStatus()).isIn(200, 204);
        if (answer.getStatus() == 200) {
            work = json.readValue(answer.getContentAsString(), Assignment.class);
        }
    }

    Directive progress() throws Exception {
        MockHttpServletResponse answer =
                send(
                        put(path("progress"))
                                .content("{\"stage\": \"TRAINING\", \"step\": 1, \"steps\": 2}"));
        assertThat(answer.getStatus()).isEqualTo(200);
        return json.readValue(answer.getContentAsString(), Directive.class);
    }

    /** The update depends on nothing but the seed and the version it starts from. */
    void handIn() {
        boolean taken =
                switch (work) {
                    case Assignment.Train train ->
                            handIn(
                                    train.uploadToken(),
                                    train.seed() + "|" + train.adapter().number());
                    case Assignment.Prune prune ->
                            handIn(
                                    prune.uploadToken(),
                                    prune.seed() + "|" + prune.base().number() + prune.plan());
                    default -> throw new IllegalStateException("no update comes of " + work);
                };
        if (taken) {
            handedIn = true;
            trained = true;
        } else {
            forget();
        }
    }

    private boolean handIn(String token, String content) {
        return aggregation.handIn(work.round(), name, token, content, 30);
    }

    int finish(String outcome) throws Exception {
        int status = send(put(path("outcome")).content(outcome)).getStatus();
        assertThat(status).isIn(204, 409);
        forget();
        return status;
    }

    private String path(String end) {
        return "/api/v1/agents/%s/assignments/%s/%s".formatted(name, work.id(), end);
    }

    private MockHttpServletResponse send(MockHttpServletRequestBuilder request) throws Exception {
        return http.perform(
                        request.header("Authorization", "Bearer " + secret)
                                .contentType(MediaType.APPLICATION_JSON))
                .andReturn()
                .getResponse();
    }

    private static final String TRAINED =
            """
            {"kind": "TRAINED", "digest": "%s", "bytesDown": 500, "baseBytesDown": 400,
             "trainSeconds": 2.5, "uploadSeconds": 0.1, "cost": {"macs": 1000,
             "attentionMacs": 400, "attentionMacsDenseOutput": 500, "scoringMacs": 50}}\
            """
                    .formatted(Digest.of(new byte[] {1}));

    private static final String PRUNED =
            """
            {"kind": "PRUNED", "digest": "%s", "bytesDown": 500, "baseBytesDown": 500,
             "pruneSeconds": 1.5, "uploadSeconds": 0.1, "cost": {"macs": 700,
             "attentionMacs": 70, "attentionMacsDenseOutput": 100, "scoringMacs": 0}}\
            """
                    .formatted(Digest.of(new byte[] {2}));

    /** Where text is continued the loss depends on nothing but the version. */
    private static String evaluated(Assignment.Evaluate work) {
        if (work.task().kind() != TaskKind.CAUSAL_LANGUAGE_MODELLING) {
            return EVALUATED;
        }
        double loss = lossOf(work.adapter() == null ? work.base() : work.adapter());
        return """
        {"kind": "EVALUATED", "examples": 10, "tokens": 100, "loss": %s, "perplexity": %s,
         "bytesDown": 500}\
        """
                .formatted(loss, Math.exp(loss));
    }

    static double lossOf(VersionRef version) {
        return 1 + version.number() / 10.0;
    }

    /** The losses depend on nothing but the agent's name, the round, and whether it has trained. */
    private String scored(Assignment.Score score) {
        double loss = lossIn(score.roundNumber());
        boolean hasTrained = trained && score.alsoOwn();
        return """
        {"kind": "SCORED", "examples": 30, "loss": %s, "ownLoss": %s, "bytesDown": 100,
         "cost": {"macs": 0, "attentionMacs": 0, "attentionMacsDenseOutput": 0,
                  "scoringMacs": 7}}\
        """
                .formatted(loss, hasTrained ? loss / 2 : "null");
    }

    double lossIn(int round) {
        return 1 + Math.floorMod(name.hashCode() * 31 + round * 17, 100) / 100.0;
    }

    private static final String FAILED =
            "{\"kind\": \"FAILED\", \"reason\": \"out of memory\", \"bytesDown\": 500}";

    private static final String EVALUATED =
            """
            {"kind": "EVALUATED", "examples": 20, "accuracy": 0.75, "macroF1": 0.7, "loss": 0.6,
             "bytesDown": 500}\
            """;
}
