package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobReport;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.work.Cost;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a job has cost and when it reached its target. */
class ReportsTest {

    private static final List<RoundView> ROUNDS =
            List.of(round(1, 0.5), round(2, null), round(3, 0.8), round(4, 0.75));

    @Test
    void bytesAreSummedUpAndHeldAgainstDenseAdapters() {
        JobReport report = Reports.of(JobState.RUNNING, ROUNDS, null);

        assertThat(report.rounds()).isEqualTo(4);
        assertThat(report.traffic())
                .isEqualTo(new RoundView.Traffic(400, 40, 440, 800, 600, 1200, 1200));
        assertThat(report.bytesTotal()).isEqualTo(1200);
        assertThat(report.denseBytesTotal()).isEqualTo(2400);
        assertThat(report.trainSeconds()).isEqualTo(6.0);
        assertThat(report.cost()).isEqualTo(new Cost(40, 20, 24, 4));
        assertThat(report.target()).isNull();
    }

    @Test
    void theTargetIsReachedByTheFirstRoundThatIsGoodEnough() {
        assertThat(Reports.of(JobState.COMPLETED, ROUNDS, 0.75).target())
                .isEqualTo(new JobReport.Target(0.75, 3, new Cost(30, 15, 18, 3)));
        assertThat(Reports.of(JobState.COMPLETED, ROUNDS, 0.5).target())
                .isEqualTo(new JobReport.Target(0.5, 1, new Cost(10, 5, 6, 1)));
        assertThat(Reports.of(JobState.COMPLETED, ROUNDS, 0.81).target())
                .isEqualTo(new JobReport.Target(0.81, null, null));
    }

    @Test
    void theCurveAddsUpFromRoundToRound() {
        List<JobReport.Point> curve = Reports.of(JobState.COMPLETED, ROUNDS, null).curve();

        assertThat(curve)
                .extracting(JobReport.Point::bytesUp)
                .containsExactly(100L, 200L, 300L, 400L);
        assertThat(curve)
                .extracting(point -> point.cost().macs())
                .containsExactly(10L, 20L, 30L, 40L);
        assertThat(curve.get(1).evaluation()).isNull();
    }

    @Test
    void aJobWithoutRoundsHasCostNothing() {
        JobReport report = Reports.of(JobState.PREPARING, List.of(), 0.9);

        assertThat(report.cost()).isEqualTo(Cost.NONE);
        assertThat(report.bytesTotal()).isZero();
        assertThat(report.target()).isEqualTo(new JobReport.Target(0.9, null, null));
    }

    private static RoundView round(int number, @Nullable Double accuracy) {
        return new RoundView(
                new RoundId(new UUID(0, number)),
                number,
                0,
                RoundState.COMPLETED,
                VersionRef.parse("m@1"),
                VersionRef.parse("m@2"),
                1,
                List.of(),
                List.of(),
                accuracy == null
                        ? null
                        : new RoundView.Evaluation(
                                10, 0.3, accuracy, null, null, null, null, List.of()),
                null,
                null,
                null,
                new RoundView.Traffic(100, 10, 110, 200, 150, 300, 300),
                new Cost(10, 5, 6, 1),
                new RoundView.Timing(1.5, 0, 0, 2),
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                Instant.EPOCH);
    }
}
