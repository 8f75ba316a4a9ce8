package dev.espalier.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotaTest {

    private static final int ROUNDS = 3;

    private final MemoryPlatform platform = new MemoryPlatform();
    private final List<String> heard = new ArrayList<>();

    @Test
    void armsTakeTurnsOfOneRound() throws Exception {
        List<Run> runs = rota().run(turns());

        assertThat(platform.diary)
                .containsExactly(
                        "small dense seed 1 begins 1", "small dense seed 1 ends 1",
                        "small pruned seed 1 begins 1", "small pruned seed 1 ends 1",
                        "small dense seed 1 begins 2", "small dense seed 1 ends 2",
                        "small pruned seed 1 begins 2", "small pruned seed 1 ends 2",
                        "small dense seed 1 begins 3", "small dense seed 1 ends 3",
                        "small pruned seed 1 begins 3", "small pruned seed 1 ends 3");
        assertThat(runs)
                .extracting(Run::arm, run -> run.job().state(), run -> run.rounds().size())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("dense", JobState.COMPLETED, ROUNDS),
                        org.assertj.core.groups.Tuple.tuple("pruned", JobState.COMPLETED, ROUNDS));
    }

    @Test
    void anArmWithFewerRoundsIsDoneBeforeTheOthers() throws Exception {
        Study study = Jobs.study(List.of(Jobs.arm("dense", 1), Jobs.arm("pruned", 2)), List.of(1L));

        List<Run> runs = rota().run(turns(study));

        assertThat(platform.diary)
                .containsExactly(
                        "small dense seed 1 begins 1", "small dense seed 1 ends 1",
                        "small pruned seed 1 begins 1", "small pruned seed 1 ends 1",
                        "small pruned seed 1 begins 2", "small pruned seed 1 ends 2");
        assertThat(runs).allMatch(run -> run.job().state() == JobState.COMPLETED);
    }

    /** Killed at any line of the platform's diary, the second life ends as the undisturbed one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aKilledProgramGoesOnWhereItWasAndRunsNothingTwice(int line) throws Exception {
        platform.diesAt = line;
        assertThatThrownBy(() -> rota().run(turns())).isInstanceOf(MemoryPlatform.Killed.class);
        platform.diesAt = Integer.MAX_VALUE;
        platform.sleep(Duration.ofSeconds(1)); // what was under way goes on alone

        List<Run> runs = rota().run(turns());

        assertThat(runs).allMatch(run -> run.rounds().size() == ROUNDS);
        assertThat(platform.diary).hasSize(2 * 2 * ROUNDS).doesNotHaveDuplicates();
    }

    @Test
    void aFinishedExperimentIsReadBackAndNotRunAgain() throws Exception {
        rota().run(turns());
        int lines = platform.diary.size();

        List<Run> again = rota().run(turns());

        assertThat(platform.diary).hasSize(lines);
        assertThat(again).hasSize(2).allMatch(run -> run.rounds().size() == ROUNDS);
    }

    @Test
    void jobsOfOtherSettingsThatWereLeftBehindAreCancelled() throws Exception {
        Study other = Jobs.study(List.of(Jobs.arm("left-behind", 9)), List.of(7L));
        JobView left =
                platform.submit(
                        other.job(other.arms().getFirst(), 7, VersionRef.parse("base@1")), "x");

        rota().run(turns());

        assertThat(platform.job(left.id()).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aJobThatFailsEndsTheProgramAndIsTriedAfreshInTheNext() throws Exception {
        Rota first =
                new Rota(
                        platform,
                        watcher(),
                        () -> Instant.EPOCH,
                        time -> {
                            platform.sleep(time);
                            platform.fail("small pruned seed 1");
                        });
        assertThatThrownBy(() -> first.run(turns()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("pruned, seed 1 FAILED: it was told to");

        assertThat(rota().run(turns())).allMatch(run -> run.job().state() == JobState.COMPLETED);
    }

    @Test
    void anArmThatMissedARoundIsGivenUpAndTriedAfresh() throws Exception {
        platform.nothingComesOf = "small pruned seed 1";
        assertThatThrownBy(() -> rota().run(turns()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("round 1 of pruned, seed 1 published nothing");
        platform.nothingComesOf = "";

        assertThat(rota().run(turns())).allMatch(run -> run.job().state() == JobState.COMPLETED);
        assertThat(platform.jobs()).extracting(JobView::state).containsOnlyOnce(JobState.CANCELLED);
    }

    @Test
    void anArmThatMissedItsLastRoundIsNotReadBackButTriedAfresh() throws Exception {
        platform.nothingComesOf = "small pruned seed 1";
        platform.nothingComesFrom = ROUNDS;
        assertThatThrownBy(() -> rota().run(turns()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("round 3 of pruned, seed 1 published nothing");
        platform.nothingComesOf = "";

        List<Run> runs = rota().run(turns());

        assertThat(runs).allMatch(run -> run.job().state() == JobState.COMPLETED);
        assertThat(runs)
                .flatExtracting(Run::rounds)
                .allMatch(round -> round.state() == RoundState.COMPLETED);
        assertThat(platform.jobs())
                .as("the one with the gap stays as it ended")
                .extracting(JobView::state)
                .containsExactly(JobState.COMPLETED, JobState.COMPLETED, JobState.COMPLETED);
        int lines = platform.diary.size();
        assertThat(rota().run(turns())).isEqualTo(runs);
        assertThat(platform.diary).hasSize(lines);
    }

    /** Killed between the begin of a round that publishes nothing and its end. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aRoundThatWasMissedWhileTheProgramWasGoneIsNotTakenForDone(int round) throws Exception {
        platform.nothingComesOf = "small pruned seed 1";
        platform.nothingComesFrom = round;
        platform.diesAt = 4 * round - 1;
        assertThatThrownBy(() -> rota().run(turns())).isInstanceOf(MemoryPlatform.Killed.class);
        platform.diesAt = Integer.MAX_VALUE;
        platform.sleep(Duration.ofSeconds(1)); // the round ends alone

        assertThatThrownBy(() -> rota().run(turns()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("round %d of pruned".formatted(round));
        platform.nothingComesOf = "";

        assertThat(rota().run(turns()))
                .flatExtracting(Run::rounds)
                .hasSize(2 * ROUNDS)
                .allMatch(over -> over.state() == RoundState.COMPLETED);
    }

    @Test
    void everyRoundIsToldOnce() throws Exception {
        rota().run(turns());

        assertThat(heard).hasSize(2 * ROUNDS).doesNotHaveDuplicates();
    }

    private Rota rota() {
        return new Rota(platform, watcher(), () -> Instant.EPOCH, platform::sleep);
    }

    private Rota.Watcher watcher() {
        return new Rota.Watcher() {
            @Override
            public void ended(Turn turn, RoundView round) {
                heard.add(turn + ", round " + round.number());
            }

            @Override
            public void took(Turn turn, Duration time) {
                assertThat(time).isZero();
            }

            @Override
            public void stands(Turn turn, JobView job, List<RoundView> rounds) {
                assertThat(job.specification().name()).contains(turn.arm());
            }
        };
    }

    private static List<Turn> turns() {
        return turns(
                Jobs.study(
                        List.of(Jobs.arm("dense", ROUNDS), Jobs.arm("pruned", ROUNDS)),
                        List.of(1L)));
    }

    private static List<Turn> turns(Study study) {
        return study.arms().stream()
                .map(arm ->
                        new Turn(
                                arm.name(),
                                1,
                                study.job(arm, 1, VersionRef.parse("base@1")),
                                "key-" + arm.name()))
                .toList();
    }
}
