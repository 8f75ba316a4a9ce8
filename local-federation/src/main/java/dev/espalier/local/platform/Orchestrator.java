package dev.espalier.local.platform;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SparsityMap;
import dev.espalier.protocol.work.AgentView;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;

/** The operator API of the orchestrator (docs/protocol.md). */
public final class Orchestrator {

    private final JsonCalls calls;
    private final HttpClient http;

    public Orchestrator(HttpClient http, URI service) {
        this.http = http;
        this.calls = new JsonCalls(http, service);
    }

    /** The same key with the same specification is the same job. */
    public JobView submit(JobSpecification job, String key)
            throws IOException, InterruptedException {
        return calls.send(
                "POST", "/api/v1/jobs", job, Map.of("Idempotency-Key", key), JobView.class);
    }

    public JobView job(JobId job) throws IOException, InterruptedException {
        return calls.get("/api/v1/jobs/" + job, JobView.class);
    }

    public List<JobView> jobs() throws IOException, InterruptedException {
        return calls.get("/api/v1/jobs", JsonCalls.listOf(JobView.class));
    }

    public List<RoundView> rounds(JobId job) throws IOException, InterruptedException {
        return calls.get("/api/v1/jobs/" + job + "/rounds", JsonCalls.listOf(RoundView.class));
    }

    /** Which attention heads the clients of a job kept, round by round. */
    public HeadMap headMap(JobId job) throws IOException, InterruptedException {
        return calls.get("/api/v1/jobs/" + job + "/heads", HeadMap.class);
    }

    /** How sparse the rounds of a job made the base. */
    public SparsityMap sparsityMap(JobId job) throws IOException, InterruptedException {
        return calls.get("/api/v1/jobs/" + job + "/sparsity", SparsityMap.class);
    }

    /** Which rank-1 components the clients of a job trained, and what they are worth. */
    public ComponentMap componentMap(JobId job) throws IOException, InterruptedException {
        return calls.get("/api/v1/jobs/" + job + "/components", ComponentMap.class);
    }

    public JobView pause(JobId job) throws IOException, InterruptedException {
        return tell(job, "pause");
    }

    public JobView resume(JobId job) throws IOException, InterruptedException {
        return tell(job, "resume");
    }

    public JobView cancel(JobId job) throws IOException, InterruptedException {
        return tell(job, "cancel");
    }

    public List<AgentView> agents() throws IOException, InterruptedException {
        return calls.get("/api/v1/agents", JsonCalls.listOf(AgentView.class));
    }

    /** What happens to a job, as it happens. */
    public EventFeed events(JobId job) {
        return new EventFeed(http, calls.uri("/api/v1/jobs/" + job + "/events"));
    }

    private JobView tell(JobId job, String what) throws IOException, InterruptedException {
        return calls.send(
                "POST", "/api/v1/jobs/" + job + "/" + what, null, Map.of(), JobView.class);
    }
}
