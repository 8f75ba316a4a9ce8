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
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** The whole house over real HTTP and a real PostgreSQL, with a model and mail that are tiny. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class FederationIT {

    private static final DataName MAIL = new DataName("mail");
    private static final DataName NOBODYS = new DataName("nobodys-mail");
    private static final ModelName BASE = new ModelName("tiny-bert");
    private static final int ROUNDS = 3;

    /** Whoever was killed is back in seconds; nobody need wait longer to try again. */
    private static final Map<Part, Map<String, String>> IMPATIENT =
            Map.of(Part.AGENTS, Map.of("espalier.retry.longest", "1s"));

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir static Path folder;

    private LocalFederation undisturbed;
    private VersionRef base;

    @BeforeAll
    void startEverything() throws Exception {
        undisturbed = federation(folder.resolve("undisturbed"), new InThisJvm());
        undisturbed.start(Part.values());
        base = register(undisturbed);
    }

    @AfterAll
    void stopEverything() {
        undisturbed.close();
    }

    @Test
    void theSameJobTwiceGivesTheSameBytes() throws Exception {
        JobView first = finished(undisturbed, job(MAIL, ROUNDS, 42));
        JobView second = finished(undisturbed, job(MAIL, ROUNDS, 42));
        JobView otherSeed = finished(undisturbed, job(MAIL, ROUNDS, 43));

        assertThat(bytes(undisturbed, second)).isEqualTo(bytes(undisturbed, first));
        assertThat(bytes(undisturbed, otherSeed)).isNotEqualTo(bytes(undisturbed, first));
    }

    @Test
    void everyRoundIsMeasuredAndAccountedFor() throws Exception {
        JobView job = finished(undisturbed, job(MAIL, 2, 1));

        assertThat(orchestrator(undisturbed).rounds(job.id()))
                .hasSize(2)
                .allSatisfy(round -> {
                    assertThat(round.state()).isEqualTo(RoundState.COMPLETED);
                    assertThat(round.published()).isNotNull();
                    assertThat(round.evaluation()).isNotNull();
                    assertThat(round.clients())
                            .extracting(RoundView.Client::outcome)
                            .containsOnly(RoundView.ClientOutcome.ACCEPTED);
                    assertThat(round.traffic().bytesUp()).isPositive();
                    assertThat(round.traffic().wireBytesUp())
                            .isGreaterThan(round.traffic().bytesUp());
                    assertThat(round.traffic().taskHeadBytesUp()).isPositive();
                });
        assertThat(job.merged()).isNotNull();
    }

    @Test
    void whateverIsKilledInBetweenTheBytesStayTheSame() throws Exception {
        JobView quiet = finished(undisturbed, job(MAIL, ROUNDS, 42));
        Path home = folder.resolve("killed");
        try (LocalFederation killed = federation(home, new OwnProcess(home.resolve("logs")))) {
            killed.start(Part.values());
            register(killed);
            JobView job = orchestrator(killed).submit(job(MAIL, ROUNDS, 42), "killed");

            Deque<Blow> blows =
                    new ArrayDeque<>(
                            List.of(
                                    new Blow("round-started", 1, Part.AGENTS),
                                    new Blow("update-accepted", 1, Part.AGGREGATION),
                                    new Blow("update-accepted", 2, Part.ORCHESTRATOR),
                                    new Blow("round-sealed", 3, Part.REGISTRY)));
            follow(killed, job, blows);

            JobView ended = orchestrator(killed).job(job.id());
            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobState.COMPLETED);
            assertThat(blows).isEmpty();
            assertThat(bytes(killed, ended)).isEqualTo(bytes(undisturbed, quiet));
        }
    }

    @Test
    void aJobThatNobodyCanWorkOnWaitsAndSaysWhy() throws Exception {
        JobView job = submit(undisturbed, job(NOBODYS, 1, 1));

        JobView waiting = await(undisturbed, job, view -> view.waitingFor() != null);

        assertThat(waiting.state()).isEqualTo(JobState.RUNNING);
        assertThat(waiting.waitingFor()).contains(NOBODYS.value());
        assertThat(orchestrator(undisturbed).cancel(job.id()).state())
                .isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aPausedJobBeginsNoRoundUntilItIsResumed() throws Exception {
        JobView job = submit(undisturbed, job(MAIL, 2, 9));

        orchestrator(undisturbed).pause(job.id());
        JobView paused = await(undisturbed, job, this::standsStill);
        orchestrator(undisturbed).resume(job.id());
        JobView ended = await(undisturbed, job, view -> view.state().isFinal());

        assertThat(paused.state()).isEqualTo(JobState.PAUSED);
        assertThat(paused.round()).isLessThan(2);
        assertThat(ended.state()).isEqualTo(JobState.COMPLETED);
        JobView neverPaused = finished(undisturbed, job(MAIL, 2, 9));
        assertThat(bytes(undisturbed, ended)).isEqualTo(bytes(undisturbed, neverPaused));
    }

    @Test
    void aCancelledJobEndsAndItsAgentsAreFreeForTheNext() throws Exception {
        JobView job = submit(undisturbed, job(MAIL, 50, 3));
        await(undisturbed, job, view -> view.round() >= 1);

        JobView cancelled = orchestrator(undisturbed).cancel(job.id());

        assertThat(cancelled.state()).isEqualTo(JobState.CANCELLED);
        assertThat(finished(undisturbed, job(MAIL, 1, 3)).latest()).isNotNull();
    }

    /** Kills a part when something happens in a round. */
    private record Blow(String event, int round, Part part) {

        boolean isDue(JobEvent happened) {
            return happened.type().equals(event)
                    && Integer.valueOf(round).equals(happened.data().get("round"));
        }
    }

    private void follow(LocalFederation federation, JobView job, Deque<Blow> blows)
            throws InterruptedException {
        EventFeed feed = orchestrator(federation).events(job.id());
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
            ended = last.stream().anyMatch(FederationIT::isLast);
        }
    }

    private static boolean isLast(JobEvent event) {
        return List.of("job-completed", "job-failed", "job-cancelled").contains(event.type());
    }

    private boolean standsStill(JobView view) {
        try {
            return view.state() == JobState.PAUSED
                    && orchestrator(undisturbed).rounds(view.id()).stream()
                            .allMatch(round -> round.endedAt() != null);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static LocalFederation federation(Path folder, Launcher launcher) throws IOException {
        HomeFolder home = new HomeFolder(folder);
        List<AgentPlan> agents =
                List.of(
                        agent("ada", AgentPlan.Work.TRAIN, 40, 1, home),
                        agent("bob", AgentPlan.Work.TRAIN, 24, 2, home),
                        agent("eve", AgentPlan.Work.EVALUATE, 30, 3, home));
        JdbcConnectionDetails fresh = TestPostgres.shared().freshDatabase();
        Database database =
                new Database(fresh.getJdbcUrl(), fresh.getUsername(), fresh.getPassword());
        FederationPlan plan = new FederationPlan(home, database, Ports.free(), agents, Map.of());
        return new LocalFederation(plan, launcher, () -> {});
    }

    private static AgentPlan agent(
            String name, AgentPlan.Work work, int mails, long seed, HomeFolder home)
            throws IOException {
        Path texts = TinyBert.mail(home.data().resolve(name + ".jsonl"), mails, seed);
        return new AgentPlan(new AgentName(name), work, MAIL, texts);
    }

    private VersionRef register(LocalFederation federation) throws Exception {
        Path model = TinyBert.write(folder.resolve("tiny-bert"));
        return BaseImport.publish(registry(federation), BASE, model).ref();
    }

    private JobSpecification job(DataName data, int rounds, long seed) {
        return new JobSpecification(
                "tiny",
                seed,
                new JobSpecification.ModelSpec(
                        ModelPointer.parse(base.toString()), new ModelName("tiny-filter")),
                data,
                TaskSpec.classification(List.of("ham", "spam"), 16),
                List.of(
                        new PhaseSpec.FineTune(
                                rounds,
                                null,
                                new AdapterSpec(2, 4.0, 0.1, null),
                                null,
                                null,
                                null,
                                null,
                                new TrainingSpec(1, 4, 0.01, null, null, null, null, 16),
                                Duration.ofMinutes(2),
                                1.0)),
                new EvaluationSpec(data, 1, null, null),
                null);
    }

    private JobView submit(LocalFederation federation, JobSpecification job) throws Exception {
        return orchestrator(federation).submit(job, UUID.randomUUID().toString());
    }

    private JobView finished(LocalFederation federation, JobSpecification job) throws Exception {
        JobView ended = await(federation, submit(federation, job), view -> view.state().isFinal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobState.COMPLETED);
        return ended;
    }

    private JobView await(LocalFederation federation, JobView job, Predicate<JobView> condition)
            throws Exception {
        while (true) {
            JobView view = orchestrator(federation).job(job.id());
            if (condition.test(view)) {
                return view;
            }
            assertThat(view.state()).as(view.reason()).isNotEqualTo(JobState.FAILED);
            Sleeper.real().sleep(Duration.ofMillis(100));
        }
    }

    /** Digest by path of everything the job published last, adapter and merged model. */
    private Map<String, Digest> bytes(LocalFederation federation, JobView job) throws Exception {
        Map<String, Digest> bytes = files(federation, job.latest());
        bytes.putAll(files(federation, job.merged()));
        return bytes;
    }

    private Map<String, Digest> files(LocalFederation federation, VersionRef version)
            throws Exception {
        return registry(federation).version(version).files().stream()
                .collect(
                        Collectors.toMap(
                                file -> version.model() + "/" + file.path(), VersionFile::digest));
    }

    private Orchestrator orchestrator(LocalFederation federation) {
        return new Orchestrator(http, federation.url(Part.ORCHESTRATOR));
    }

    private Registry registry(LocalFederation federation) {
        return new Registry(http, federation.url(Part.REGISTRY), Sleeper.real());
    }
}
