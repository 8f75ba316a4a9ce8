package dev.espalier.local.federation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole house over real HTTP and a real PostgreSQL, with a model and mail that are tiny. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class FederationIT {

    private static final DataName MAIL = TinyFederation.MAIL;
    private static final DataName NOBODYS = new DataName("nobodys-mail");
    private static final int ROUNDS = 3;

    @TempDir static Path folder;

    private TinyFederation undisturbed;
    private VersionRef base;

    @BeforeAll
    void startEverything() throws Exception {
        undisturbed = TinyFederation.ofMail(folder.resolve("undisturbed"), new InThisJvm());
        base = undisturbed.start();
    }

    @AfterAll
    void stopEverything() {
        undisturbed.close();
    }

    @Test
    void theSameJobTwiceGivesTheSameBytes() throws Exception {
        JobView first = undisturbed.finished(job(MAIL, ROUNDS, 42));
        JobView second = undisturbed.finished(job(MAIL, ROUNDS, 42));
        JobView otherSeed = undisturbed.finished(job(MAIL, ROUNDS, 43));

        assertThat(undisturbed.bytes(second)).isEqualTo(undisturbed.bytes(first));
        assertThat(undisturbed.bytes(otherSeed)).isNotEqualTo(undisturbed.bytes(first));
    }

    @Test
    void everyRoundIsMeasuredAndAccountedFor() throws Exception {
        JobView job = undisturbed.finished(job(MAIL, 2, 1));

        assertThat(undisturbed.orchestrator().rounds(job.id()))
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
        JobView quiet = undisturbed.finished(job(MAIL, ROUNDS, 42));
        Path home = folder.resolve("killed");
        try (TinyFederation killed =
                TinyFederation.ofMail(home, new OwnProcess(home.resolve("logs")))) {
            killed.start();
            JobView job = killed.submit(job(MAIL, ROUNDS, 42));

            Deque<TinyFederation.Blow> blows =
                    new ArrayDeque<>(
                            List.of(
                                    new TinyFederation.Blow("round-started", 1, Part.AGENTS),
                                    new TinyFederation.Blow("update-accepted", 1, Part.AGGREGATION),
                                    new TinyFederation.Blow(
                                            "update-accepted", 2, Part.ORCHESTRATOR),
                                    new TinyFederation.Blow("round-sealed", 3, Part.REGISTRY)));

            JobView ended = killed.follow(job, blows);

            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobState.COMPLETED);
            assertThat(blows).isEmpty();
            assertThat(killed.bytes(ended)).isEqualTo(undisturbed.bytes(quiet));
        }
    }

    @Test
    void aJobThatNobodyCanWorkOnWaitsAndSaysWhy() throws Exception {
        JobView job = undisturbed.submit(job(NOBODYS, 1, 1));

        JobView waiting = undisturbed.await(job, view -> view.waitingFor() != null);

        assertThat(waiting.state()).isEqualTo(JobState.RUNNING);
        assertThat(waiting.waitingFor()).contains(NOBODYS.value());
        assertThat(undisturbed.orchestrator().cancel(job.id()).state())
                .isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aPausedJobBeginsNoRoundUntilItIsResumed() throws Exception {
        JobView job = undisturbed.submit(job(MAIL, 2, 9));

        undisturbed.orchestrator().pause(job.id());
        JobView paused = undisturbed.await(job, this::standsStill);
        undisturbed.orchestrator().resume(job.id());
        JobView ended = undisturbed.await(job, view -> view.state().isFinal());

        assertThat(paused.state()).isEqualTo(JobState.PAUSED);
        assertThat(paused.round()).isLessThan(2);
        assertThat(ended.state()).isEqualTo(JobState.COMPLETED);
        JobView neverPaused = undisturbed.finished(job(MAIL, 2, 9));
        assertThat(undisturbed.bytes(ended)).isEqualTo(undisturbed.bytes(neverPaused));
    }

    @Test
    void aCancelledJobEndsAndItsAgentsAreFreeForTheNext() throws Exception {
        JobView job = undisturbed.submit(job(MAIL, 50, 3));
        undisturbed.await(job, view -> view.round() >= 1);

        JobView cancelled = undisturbed.orchestrator().cancel(job.id());

        assertThat(cancelled.state()).isEqualTo(JobState.CANCELLED);
        assertThat(undisturbed.finished(job(MAIL, 1, 3)).latest()).isNotNull();
    }

    private boolean standsStill(JobView view) {
        try {
            return view.state() == JobState.PAUSED
                    && undisturbed.orchestrator().rounds(view.id()).stream()
                            .allMatch(round -> round.endedAt() != null);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
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
}
