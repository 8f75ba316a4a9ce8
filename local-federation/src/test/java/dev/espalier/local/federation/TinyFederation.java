package dev.espalier.local.federation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.local.base.BaseImport;
import dev.espalier.local.platform.EventFeed;
import dev.espalier.local.platform.Orchestrator;
import dev.espalier.local.platform.Registry;
import dev.espalier.postgres.testing.TestPostgres;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * Two agents, a strong one and a weak one, that train on mail or on stories, and one that
 * evaluates, with all services on a fresh database; and what an operator does there.
 */
final class TinyFederation implements AutoCloseable {

    static final DataName MAIL = new DataName("mail");

    /** Of those who train, some of it held out. */
    static final DataName STORIES = new DataName("stories");

    static final DataName TEST_STORIES = new DataName("stories-test");

    /** What the strong one has at least, in bytes a second. */
    static final long STRONG_UPLINK = 8000;

    /** Whoever was killed is back in seconds; nobody need wait longer to try again. */
    private static final Map<Part, Map<String, String>> IMPATIENT =
            Map.of(Part.AGENTS, Map.of("espalier.retry.longest", "1s"));

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path folder;
    private final Model model;
    private final LocalFederation federation;

    /** Writes a Hugging Face folder. */
    @FunctionalInterface
    private interface Model {

        Path in(Path folder) throws IOException;
    }

    private TinyFederation(
            Path folder, Launcher launcher, HomeFolder home, List<AgentPlan> agents, Model model)
            throws IOException {
        this.folder = folder;
        this.model = model;
        JdbcConnectionDetails fresh = TestPostgres.shared().freshDatabase();
        Database database =
                new Database(fresh.getJdbcUrl(), fresh.getUsername(), fresh.getPassword());
        FederationPlan plan = new FederationPlan(home, database, Ports.free(), agents, IMPATIENT);
        federation = new LocalFederation(plan, launcher, () -> {});
    }

    /** A classifier of mail, and its readers. */
    static TinyFederation ofMail(Path folder, Launcher launcher) throws IOException {
        HomeFolder home = new HomeFolder(folder);
        List<AgentPlan> agents =
                List.of(
                        mail("ada", AgentPlan.Work.TRAIN, 40, 1, home).with(strong()),
                        mail("bob", AgentPlan.Work.TRAIN, 24, 2, home).with(weak()),
                        mail("eve", AgentPlan.Work.EVALUATE, 30, 3, home));
        return new TinyFederation(folder, launcher, home, agents, TinyBert::write);
    }

    /** A language model, and its tellers, who hold out some of their stories. */
    static TinyFederation ofStories(Path folder, Launcher launcher) throws IOException {
        HomeFolder home = new HomeFolder(folder);
        List<AgentPlan> agents =
                List.of(
                        stories("ada", AgentPlan.Work.BOTH, 60, 1, home).with(strong()),
                        stories("bob", AgentPlan.Work.BOTH, 40, 2, home).with(weak()),
                        stories("eve", AgentPlan.Work.EVALUATE, 30, 3, home));
        return new TinyFederation(folder, launcher, home, agents, TinyLlama::write);
    }

    private static AgentPlan.Means strong() {
        return AgentPlan.Means.uplink(STRONG_UPLINK);
    }

    private static AgentPlan.Means weak() {
        return AgentPlan.Means.uplink(STRONG_UPLINK / 8);
    }

    private static AgentPlan mail(
            String name, AgentPlan.Work work, int mails, long seed, HomeFolder home)
            throws IOException {
        Path texts = TinyBert.mail(home.data().resolve(name + ".jsonl"), mails, seed);
        return new AgentPlan(new AgentName(name), work, MAIL, texts);
    }

    private static AgentPlan stories(
            String name, AgentPlan.Work work, int stories, long seed, HomeFolder home)
            throws IOException {
        Path texts =
                TinyLlama.jsonLines(
                        home.data().resolve(name + ".jsonl"), TinyLlama.stories(stories, seed));
        return new AgentPlan(
                new AgentName(name),
                work,
                work == AgentPlan.Work.EVALUATE ? TEST_STORIES : STORIES,
                texts,
                AgentPlan.Rows.RUNNING_TEXT);
    }

    /** Starts everything and registers the base model. */
    VersionRef start() throws Exception {
        federation.start(Part.values());
        Path written = model.in(folder.resolve("base"));
        return BaseImport.publish(registry(), new ModelName("tiny"), written).ref();
    }

    @Override
    public void close() {
        federation.close();
    }

    Orchestrator orchestrator() {
        return new Orchestrator(http, federation.url(Part.ORCHESTRATOR));
    }

    Registry registry() {
        return new Registry(http, federation.url(Part.REGISTRY), Sleeper.real());
    }

    JobView submit(JobSpecification job) throws Exception {
        return orchestrator().submit(job, UUID.randomUUID().toString());
    }

    /** Submits it and waits until it is completed. */
    JobView finished(JobSpecification job) throws Exception {
        JobView ended = await(submit(job), view -> view.state().isFinal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobState.COMPLETED);
        return ended;
    }

    JobView await(JobView job, Predicate<JobView> condition) throws Exception {
        while (true) {
            JobView view = orchestrator().job(job.id());
            if (condition.test(view)) {
                return view;
            }
            assertThat(view.state()).as(view.reason()).isNotEqualTo(JobState.FAILED);
            Sleeper.real().sleep(Duration.ofMillis(100));
        }
    }

    /** Kills a part when something happens in a round. */
    record Blow(String event, int round, Part part) {

        private boolean isDue(JobEvent happened) {
            return happened.type().equals(event)
                    && Integer.valueOf(round).equals(happened.data().get("round"));
        }
    }

    /**
     * Follows a job to its end; gives how it ended.
     *
     * @param blows in this order, taken out as they are dealt
     */
    JobView follow(JobView job, Deque<Blow> blows) throws Exception {
        EventFeed feed = orchestrator().events(job.id());
        boolean ended = false;
        while (!ended) {
            List<JobEvent> last = new ArrayList<>();
            try {
                feed.read(event -> {
                    last.add(event);
                    while (!blows.isEmpty() && blows.peek().isDue(event)) {
                        federation.restart(blows.poll().part());
                    }
                });
            } catch (IOException broken) {
                Sleeper.real().sleep(Duration.ofMillis(100));
            }
            ended = last.stream().anyMatch(TinyFederation::isLast);
        }
        return orchestrator().job(job.id());
    }

    private static boolean isLast(JobEvent event) {
        return List.of("job-completed", "job-failed", "job-cancelled").contains(event.type());
    }

    /** Digest by path of everything the job published last, adapter and merged model. */
    Map<String, Digest> bytes(JobView job) throws Exception {
        Map<String, Digest> bytes = files(job.latest());
        bytes.putAll(files(job.merged()));
        return bytes;
    }

    /** Digest by path. */
    Map<String, Digest> files(VersionRef version) throws Exception {
        return registry().version(version).files().stream()
                .collect(
                        Collectors.toMap(
                                file -> version.model() + "/" + file.path(), VersionFile::digest));
    }
}
