package dev.espalier.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.ClientOutcome;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobPictureTest {

    private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
    private static final VersionRef BASE = VersionRef.parse("base@1");

    @Test
    void aJobThatWaitsSaysForWhat() {
        assertThat(picture(job(0, "no agent offers 'mail'"), List.of(), 5))
                .anyMatch(line -> line.contains("waiting: no agent offers 'mail'"));
    }

    @Test
    void everyClientHasALineWithItsStepAndLoss() {
        RoundView round =
                round(
                        1,
                        null,
                        client("ada", ClientOutcome.ACCEPTED, null),
                        client(
                                "bob",
                                ClientOutcome.WORKING,
                                new Progress(Progress.Stage.TRAINING, 5, 20, 0.25, 40.0, 6.0)),
                        client("eve", ClientOutcome.INVITED, null));

        assertThat(picture(job(1, null), List.of(round), 30))
                .anyMatch(line -> line.contains("round 1 of 4, providers train, 30 s so far"))
                .anyMatch(line ->
                        line.contains("ada") && line.contains("handed in 0.3 MB, loss 0.500"))
                .anyMatch(line -> line.contains("bob") && line.contains("step 5 of 20, loss 0.250"))
                .anyMatch(line -> line.contains("eve") && line.contains("invited"))
                .noneMatch(line -> line.contains("to go"));
    }

    @Test
    void whatIsLeftIsForetoldByTheRoundsThatAreOver() {
        RoundView over = round(1, START.plusSeconds(60));
        RoundView current = round(2, null);

        // three rounds of 60 s each are left, 30 s of the second are gone
        assertThat(picture(job(2, null), List.of(over, current), 90))
                .anyMatch(line -> line.contains("about 2 min 30 s to go"));
    }

    @Test
    void theAccuracyIsThatOfTheLastMeasuredRound() {
        RoundView over = round(1, START.plusSeconds(60));

        assertThat(picture(job(2, null), List.of(over, round(2, null)), 90))
                .anyMatch(line -> line.contains("accuracy so far 93.8 %, up 0.6 MB, down 10.0 MB"));
    }

    private static List<String> picture(JobView job, List<RoundView> rounds, int seconds) {
        return JobPicture.of(job, rounds, START.plusSeconds(seconds));
    }

    private static JobView job(int round, String waitingFor) {
        Budget budget = new Budget(4, 1, 10);
        return new JobView(
                JobId.parse("00000000-0000-0000-0000-000000000001"),
                JobState.RUNNING,
                new Recipe(List.of("ham", "spam"), 64, budget, 1).job(BASE),
                BASE,
                round,
                4,
                waitingFor,
                null,
                null,
                null,
                START,
                null);
    }

    private static RoundView.Client client(String name, ClientOutcome outcome, Progress progress) {
        return new RoundView.Client(
                new AgentName(name),
                outcome,
                null,
                progress,
                10,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0.5,
                1,
                1,
                300_000,
                0,
                0,
                1,
                null);
    }

    private static RoundView round(int number, Instant ended, RoundView.Client... clients) {
        return new RoundView(
                RoundId.parse("00000000-0000-0000-0000-00000000000" + number),
                number,
                0,
                ended == null ? RoundState.GATHERING : RoundState.COMPLETED,
                BASE,
                null,
                2,
                List.of(clients),
                List.of(),
                ended == null
                        ? null
                        : new RoundView.Evaluation(
                                10, 0.25, 0.9375, 0.875, null, null, null, List.of()),
                null,
                null,
                null,
                new RoundView.Traffic(1, 1, 300_000, 5_000_000, 0, 1, 1),
                Cost.NONE,
                new RoundView.Timing(1, 1, 1, Duration.ofSeconds(60).toSeconds()),
                null,
                START.plusSeconds(60L * (number - 1)),
                START.plusSeconds(600),
                ended);
    }
}
