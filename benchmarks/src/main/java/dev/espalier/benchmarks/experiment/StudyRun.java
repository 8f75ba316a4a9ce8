package dev.espalier.benchmarks.experiment;

import dev.espalier.local.Opened;
import dev.espalier.local.base.BaseImport;
import dev.espalier.local.display.Display;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.LocalFederation;
import dev.espalier.local.federation.Part;
import dev.espalier.local.federation.Ports;
import dev.espalier.local.platform.Orchestrator;
import dev.espalier.local.platform.Registry;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.work.AgentView;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Runs a study on a federation of its own: one agent computes at a time. */
public final class StudyRun {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private final Display display;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public StudyRun(Display display, InstantSource clock, Sleeper sleeper) {
        this.display = display;
        this.clock = clock;
        this.sleeper = sleeper;
    }

    /**
     * Runs it to its end, or on from where it was left.
     *
     * @param home of this study alone
     * @param expected how long a round of each arm is thought to take
     */
    public List<Run> run(
            Study study,
            HomeFolder home,
            Opened opened,
            Computing computing,
            Map<String, Duration> expected)
            throws IOException, InterruptedException {
        List<AgentPlan> agents = study.holdings().stream().map(Holding::agent).toList();
        display.say("Starting PostgreSQL, three services and %d agents".formatted(agents.size()));
        LocalFederation federation =
                opened.with(
                        () -> LocalFederation.in(home, Ports.usual(), agents, agents(computing)));
        federation.start(Part.values());
        VersionRef base = register(study, federation);
        Orchestrator orchestrator = new Orchestrator(http, federation.url(Part.ORCHESTRATOR));
        awaitEveryone(orchestrator, agents);
        List<Turn> turns = turns(study, base);
        Progress progress = new Progress(display, turns, expected);
        Rota rota = new Rota(new HttpPlatform(orchestrator), progress, clock, sleeper);
        List<Run> runs = rota.run(turns);
        display.show(List.of());
        return runs;
    }

    private static Map<Part, Map<String, String>> agents(Computing computing) {
        return Map.of(Part.AGENTS, computing.settings());
    }

    private VersionRef register(Study study, LocalFederation federation)
            throws IOException, InterruptedException {
        Registry registry = new Registry(http, federation.url(Part.REGISTRY), sleeper);
        return BaseImport.publish(registry, study.base(), study.model()).ref();
    }

    /** A cohort that is drawn before all are there would be another one than in the other arms. */
    private void awaitEveryone(Orchestrator orchestrator, List<AgentPlan> agents)
            throws IOException, InterruptedException {
        Set<String> expected =
                agents.stream().map(agent -> agent.name().value()).collect(Collectors.toSet());
        while (!alive(orchestrator.agents()).containsAll(expected)) {
            sleeper.sleep(LOOK_EVERY);
        }
    }

    private static Set<String> alive(List<AgentView> agents) {
        return agents.stream()
                .filter(AgentView::alive)
                .map(agent -> agent.name().value())
                .collect(Collectors.toSet());
    }

    /** Every arm with the first seed, then every arm with the next. */
    private static List<Turn> turns(Study study, VersionRef base) throws IOException {
        String data = fingerprint(study);
        List<Turn> turns = new ArrayList<>();
        for (long seed : study.seeds()) {
            for (Arm arm : study.arms()) {
                JobSpecification job = study.job(arm, seed, base);
                turns.add(new Turn(arm.name(), seed, job, key(job, data)));
            }
        }
        return turns;
    }

    /** Other settings or other data make another job. */
    private static String key(JobSpecification job, String data) {
        MessageDigest hash = Digest.sha256();
        hash.update(JSON.writeValueAsBytes(job));
        hash.update(data.getBytes(StandardCharsets.UTF_8));
        return Digest.finish(hash).hex();
    }

    private static String fingerprint(Study study) throws IOException {
        MessageDigest hash = Digest.sha256();
        for (Holding holding : study.holdings()) {
            hash.update(holding.agent().name().value().getBytes(StandardCharsets.UTF_8));
            hash.update(holding.agent().means().toString().getBytes(StandardCharsets.UTF_8));
            hash.update(Files.readAllBytes(holding.agent().texts()));
        }
        return Digest.finish(hash).hex();
    }
}
