package dev.espalier.orchestrator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.fleet.FleetSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Until when candidates may tell their losses. */
class ScoreStepTest {

    private static final Instant STARTED = Instant.parse("2026-11-22T06:00:00Z");
    private static final Instant RETURN_BY = STARTED.plusSeconds(40);
    private static final FleetSnapshot FLEET =
            new FleetSnapshot(
                    List.of(),
                    STARTED.plusSeconds(1),
                    Duration.ofSeconds(60),
                    RETURN_BY,
                    STARTED,
                    Optional.of(STARTED.minusSeconds(300)));

    @Test
    void whoWasAskedBeforeARestartMayAnswerUntilAgentsMustBeBack() {
        Instant askedAt = STARTED.minusSeconds(300);

        assertThat(ScoreStep.scoreBy(askedAt, STARTED.minusSeconds(180), FLEET))
                .isEqualTo(RETURN_BY);
        assertThat(ScoreStep.scoreBy(askedAt, STARTED.plusSeconds(10), FLEET)).isEqualTo(RETURN_BY);
    }

    @Test
    void aDeadlineIsNeverBroughtForward() {
        Instant later = RETURN_BY.plusSeconds(60);

        assertThat(ScoreStep.scoreBy(STARTED.minusSeconds(1), later, FLEET)).isEqualTo(later);
    }

    @Test
    void whoWasAskedSinceHasItsOwnTimeAndNoMore() {
        Instant soon = STARTED.plusSeconds(3);

        assertThat(ScoreStep.scoreBy(STARTED.plusSeconds(1), soon, FLEET)).isEqualTo(soon);
    }
}
