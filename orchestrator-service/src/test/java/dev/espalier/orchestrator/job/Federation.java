package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.event.JobEvents;
import dev.espalier.orchestrator.neighbour.FakeAggregation;
import dev.espalier.orchestrator.neighbour.FakeRegistry;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.work.AgentRole;
import java.util.List;
import org.springframework.test.web.servlet.MockMvc;
import tools.jackson.databind.json.JsonMapper;

/** The whole federation in one thread: the real service on virtual time, neighbours in memory. */
class Federation {

    final FakeRegistry registry;
    final FakeAggregation aggregation;
    final VirtualWorld.VirtualClock clock;
    final VirtualWorld.Edges edges;
    private final Jobs jobs;
    private final JobRunner runner;
    private final Rounds rounds;
    private final JobEvents events;
    private final MockMvc http;
    private final JsonMapper json;

    Federation(
            FakeRegistry registry,
            FakeAggregation aggregation,
            VirtualWorld.VirtualClock clock,
            VirtualWorld.Edges edges,
            Jobs jobs,
            JobRunner runner,
            Rounds rounds,
            JobEvents events,
            MockMvc http,
            JsonMapper json) {
        this.registry = registry;
        this.aggregation = aggregation;
        this.clock = clock;
        this.edges = edges;
        this.jobs = jobs;
        this.runner = runner;
        this.rounds = rounds;
        this.events = events;
        this.http = http;
        this.json = json;
    }

    SimulatedAgent trainer(String name) {
        return new SimulatedAgent(http, json, aggregation, name, AgentRole.TRAIN);
    }

    SimulatedAgent judge(String name) {
        return new SimulatedAgent(http, json, aggregation, name, AgentRole.EVALUATE);
    }

    /** Holds letters, trains on some and holds others out. */
    SimulatedAgent writer(String name) {
        return new SimulatedAgent(
                http, json, aggregation, name, SimulatedAgent.writer(AgentRole.TRAIN));
    }

    /** Judges what continues letters. */
    SimulatedAgent reader(String name) {
        return new SimulatedAgent(
                http, json, aggregation, name, SimulatedAgent.writer(AgentRole.EVALUATE));
    }

    /** A job of the trainers' mail that publishes under the given name. */
    JobId submit(String publishAs, int rounds, boolean evaluated, double quorum) {
        return submit(
                publishAs,
                rounds,
                "\"quorum\": " + quorum,
                evaluated ? "{\"data\": \"mail-test\"}" : "null");
    }

    /**
     * @param options of the phase, as JSON fields
     */
    JobId submit(String publishAs, int rounds, String options, String evaluation) {
        return submit(publishAs, rounds, 2, options, evaluation);
    }

    /**
     * @param rank of the adapter
     */
    JobId submit(String publishAs, int rounds, int rank, String options, String evaluation) {
        String specification =
                """
                {"name": "test", "seed": 42,
                 "model": {"base": "all-minilm-l6-v2@1", "publishAs": "%s"}, "data": "mail",
                 "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                          "maxLength": 32},
                 "phases": [{"kind": "FINE_TUNE", "rounds": %d, "adapter": {"rank": %d},
                             "training": {"learningRate": 0.001}, "deadline": "PT10M",
                             %s}],
                 "evaluation": %s, "alias": "champion"}\
                """
                        .formatted(publishAs, rounds, rank, options, evaluation);
        return submit(specification);
    }

    JobId submit(String specification) {
        Submission submission =
                jobs.submit(json.readValue(specification, JobSpecification.class), null);
        return ((Submission.Accepted) submission).job().id();
    }

    /** Steps until nothing moves. */
    Pace settle(JobId job) {
        return runner.run(job);
    }

    Pace step(JobId job) {
        return runner.step(job);
    }

    JobView view(JobId job) {
        return jobs.view(job).orElseThrow();
    }

    Jobs jobs() {
        return jobs;
    }

    List<RoundView> rounds(JobId job) {
        return rounds.views(job);
    }

    List<JobEvent> events(JobId job) {
        return events.after(job, 0, 10_000);
    }
}
