package dev.espalier.agent.poll;

import static dev.espalier.agent.poll.ScriptedOrchestrator.refusal;
import static dev.espalier.agent.poll.ScriptedOrchestrator.silence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

class PollLoopTest {

    private static final Assignment.Train TRAIN = TinyFederation.train(1, 1);
    private static final Outcome DONE =
            new Outcome.Evaluated(1, 0, 1.0, 1.0, null, null, null, null, 0, 0L);
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(16);

    @TempDir private Path folder;

    private final ScriptedOrchestrator orchestrator = new ScriptedOrchestrator();
    private final List<Duration> slept = new ArrayList<>();
    private Journal journal;

    @BeforeEach
    void open() throws IOException {
        journal = new Journal(folder, JsonMapper.shared());
    }

    @Test
    void anAgentEnrolsAsksWorksAndReports() throws Exception {
        orchestrator.gives(TRAIN);
        PollLoop loop = loop((assignment, heartbeat) -> Optional.of(DONE));

        loop.begin();
        loop.turn();

        assertThat(orchestrator.calls()).containsExactly("enrol", "poll", "report Evaluated");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void withNothingToDoItWaitsAboutAsLongAsItIsTold() throws Exception {
        loop((assignment, heartbeat) -> Optional.of(DONE)).turn();

        assertThat(slept).hasSize(1);
        assertThat(slept.getFirst()).isBetween(Duration.ofMillis(1500), Duration.ofMillis(4500));
    }

    @Test
    void theJournalOfARoundThatIsOverIsDropped() throws Exception {
        Files.writeString(journal.page(TRAIN.id()).checkpoint(), "half done");

        loop((assignment, heartbeat) -> Optional.of(DONE)).turn();

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void silenceIsMetWithDoublingPausesUpToTheLongest() throws Exception {
        for (int i = 0; i < 8; i++) {
            orchestrator.thenFails(silence());
        }

        loop((assignment, heartbeat) -> Optional.of(DONE)).begin();

        assertThat(orchestrator.calls()).hasSize(9).containsOnly("enrol");
        for (int i = 0; i < 8; i++) {
            Duration about = FIRST.multipliedBy(1L << Math.min(i, 4));
            assertThat(slept.get(i)).isBetween(about.dividedBy(2), about.plus(about.dividedBy(2)));
        }
    }

    @Test
    void anOutcomeIsSaidUntilItIsHeard() throws Exception {
        orchestrator.gives(TRAIN);
        PollLoop loop =
                loop((assignment, heartbeat) -> {
                    orchestrator.thenFails(silence()).thenFails(silence());
                    return Optional.of(DONE);
                });

        loop.turn();

        assertThat(orchestrator.calls()).filteredOn("report Evaluated"::equals).hasSize(3);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anOutcomeThatACrashLeftUnsaidIsSaidFirst() throws Exception {
        journal.page(TRAIN.id()).write(DONE);

        loop((assignment, heartbeat) -> Optional.of(DONE)).begin();

        assertThat(orchestrator.calls()).containsExactly("enrol", "report Evaluated");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anOutcomeOfAnAssignmentThatIsOverIsForgotten() throws Exception {
        journal.page(TRAIN.id()).write(DONE);
        PollLoop loop = loop((assignment, heartbeat) -> Optional.of(DONE));
        orchestrator.thenFails(silence()).thenFails(refusal(ProblemType.ASSIGNMENT_OVER));

        assertThatThrownBy(loop::begin).isInstanceOf(RefusedException.class);
        loop.begin();

        assertThat(orchestrator.calls()).doesNotContain("report Failed");
        assertThat(folder).isEmptyDirectory();
    }

    /** Else the same assignment would be given again at once, with the same end. */
    @ParameterizedTest
    @EnumSource(names = {"INVALID_VALUE", "MALFORMED_REQUEST", "UNKNOWN_FIELD"})
    void anOutcomeThatCannotBeReadIsReportedAsFailedOnce(ProblemType type) throws Exception {
        orchestrator.gives(TRAIN);
        PollLoop loop =
                loop((assignment, heartbeat) -> {
                    orchestrator.thenFails(refusal(type)).thenFails(refusal(type));
                    return Optional.of(DONE);
                });

        loop.turn();

        assertThat(orchestrator.calls())
                .containsExactly("poll", "report Evaluated", "report Failed");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anUnsaidOutcomeThatCannotBeReadIsReportedAsFailedToo() throws Exception {
        journal.page(TRAIN.id()).write(DONE);
        orchestrator.refusesOutcome(refusal(ProblemType.INVALID_VALUE));

        loop((assignment, heartbeat) -> Optional.of(DONE)).begin();

        assertThat(orchestrator.calls()).endsWith("report Evaluated", "report Failed");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void stoppedWorkHasNoOutcome() throws Exception {
        orchestrator.gives(TRAIN);

        loop((assignment, heartbeat) -> Optional.empty()).turn();

        assertThat(orchestrator.calls()).containsExactly("poll");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anAgentThatWasRemovedEnrolsAnew() throws Exception {
        orchestrator.thenFails(refusal(ProblemType.UNAUTHENTICATED));

        loop((assignment, heartbeat) -> Optional.of(DONE)).turn();

        assertThat(orchestrator.calls()).containsExactly("poll", "enrol");
        assertThat(slept).hasSize(1);
    }

    @Test
    void aNameThatIsTakenEndsTheAgent() {
        orchestrator.thenFails(refusal(ProblemType.AGENT_NAME_TAKEN));

        assertThatThrownBy(() -> loop((assignment, heartbeat) -> Optional.of(DONE)).begin())
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void stopIsHeardAndSilenceIsNotStop() {
        OrchestratorHeartbeat heartbeat = new OrchestratorHeartbeat(orchestrator, TRAIN.id());
        heartbeat.note(new Progress(Progress.Stage.TRAINING, 1, 2, 0.5, 1.0, 1.0));

        heartbeat.beat();
        assertThat(heartbeat.isStopped()).isFalse();
        orchestrator.thenLosesBeat(silence());
        heartbeat.beat();
        assertThat(heartbeat.isStopped()).isFalse();
        orchestrator.says(Directive.Action.STOP);
        heartbeat.beat();
        assertThat(heartbeat.isStopped()).isTrue();
    }

    @Test
    void anAssignmentThatIsOverIsAsGoodAsStop() {
        OrchestratorHeartbeat heartbeat = new OrchestratorHeartbeat(orchestrator, TRAIN.id());
        orchestrator.thenLosesBeat(refusal(ProblemType.ASSIGNMENT_OVER));

        heartbeat.beat();

        assertThat(heartbeat.isStopped()).isTrue();
    }

    private PollLoop loop(Work work) {
        Random chance = new Random(1);
        return new PollLoop(
                orchestrator,
                new Capabilities(
                        Set.of(AgentRole.TRAIN),
                        List.of(),
                        Set.of("bert"),
                        1,
                        1,
                        null,
                        "cpu",
                        "test"),
                work,
                journal,
                new Patience(FIRST, LONGEST, chance, slept::add),
                new PollLoop.Rhythm(Duration.ofSeconds(20), Duration.ofSeconds(2)),
                heartbeatPause -> Thread.sleep(Duration.ofDays(1)));
    }
}
