package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobState;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JobStatusTest {

    private static final Instant NOW = Instant.parse("2026-01-05T10:15:30Z");
    private static final VersionRef FIRST = VersionRef.parse("spam-filter@1");
    private static final VersionRef MERGED = VersionRef.parse("spam-filter-merged@1");

    static Stream<JobStatus> ended() {
        return Stream.of(
                new JobStatus.Completed(FIRST, MERGED, NOW),
                new JobStatus.Failed(FIRST, "no luck", NOW),
                new JobStatus.Cancelled(null, "cancelled by an operator", NOW));
    }

    static Stream<JobStatus> alive() {
        return Stream.of(
                new JobStatus.Preparing(),
                new JobStatus.Running(FIRST),
                new JobStatus.Running(null),
                new JobStatus.Finishing(null),
                new JobStatus.Paused(null),
                new JobStatus.Paused(FIRST),
                new JobStatus.Finishing(FIRST));
    }

    @Test
    void aPausedJobGoesOnWhereItWas() {
        for (JobStatus status : List.of(new JobStatus.Preparing(), new JobStatus.Running(FIRST))) {
            assertThat(status.paused().state()).isEqualTo(JobState.PAUSED);
            assertThat(status.paused().resumed()).isEqualTo(status);
        }
    }

    @Test
    void onceTheRoundsAreDoneThereIsNothingToPause() {
        JobStatus finishing = new JobStatus.Finishing(FIRST);

        assertThat(finishing.paused()).isEqualTo(finishing);
    }

    @ParameterizedTest
    @MethodSource("ended")
    void anEndIsFinal(JobStatus status) {
        assertThat(status.isFinal()).isTrue();
        assertThat(status.paused()).isEqualTo(status);
        assertThat(status.resumed()).isEqualTo(status);
        assertThat(status.failed("again", NOW)).isEqualTo(status);
        assertThat(status.cancelled("again", NOW)).isEqualTo(status);
        assertThat(status.ended()).isEqualTo(NOW);
    }

    @ParameterizedTest
    @MethodSource("alive")
    void whateverIsAliveCanFailOrBeCancelledAndKeepsItsFirstAdapter(JobStatus status) {
        assertThat(status.failed("no luck", NOW))
                .isEqualTo(new JobStatus.Failed(status.firstAdapter(), "no luck", NOW));
        assertThat(status.cancelled("why", NOW))
                .isEqualTo(new JobStatus.Cancelled(status.firstAdapter(), "why", NOW));
        assertThat(status.ended()).isNull();
        assertThat(status.reason()).isNull();
    }

    @ParameterizedTest
    @MethodSource("alive")
    void pausingTwiceIsPausingOnce(JobStatus status) {
        assertThat(status.paused().paused()).isEqualTo(status.paused());
        assertThat(status.resumed().resumed()).isEqualTo(status.resumed());
    }
}
